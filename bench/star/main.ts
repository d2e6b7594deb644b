/**
 * Star-trees: `npm run bench:star`. What they save queries, and what they cost ingestion, merges and disks. Rows are made by DuckDB,
 * which is installed by `npm ci --prefix bench`.
 */
import { runParts } from '../parts.js';
import { queries } from './queries.js';

await runParts({
  name: 'star',
  parts: [queries],
  rounds: 15,
  times: 'medians of N interleaved rounds.',
  settings: {
    'segment-rows': { usual: '5000000', help: 'rows of a segment of `queries`' },
    configurations: { usual: 'set,auto', help: 'trees as configured, and derived ones' },
    query: { usual: '', help: 'only queries whose names begin so' },
  },
});
