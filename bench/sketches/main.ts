/**
 * Sketches: `npm run bench:sketches`. What an update and a merge cost, how many bytes they take and by how much they are off, beside
 * packages of npm and the functions of DuckDB and ClickHouse, which are installed by `npm ci --prefix bench`.
 */
import { runParts } from '../parts.js';
import { engines } from './engines.js';
import { library } from './library.js';

await runParts({
  name: 'sketches',
  parts: [library, engines],
  rounds: 5,
  times: 'the fastest of N rounds.',
});
