/**
 * How fast rows come in: `npm run bench:ingest`. The peers are installed by `npm ci --prefix bench`.
 */
import { runParts } from '../parts.js';
import { bulk } from './bulk.js';
import { mutable } from './mutable.js';
import { push } from './push.js';
import { reading } from './reading.js';

await runParts({
  name: 'ingest',
  parts: [bulk, reading, push, mutable],
  rounds: 3,
  times: 'medians of N interleaved rounds.',
});
