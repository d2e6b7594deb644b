/**
 * Star-trees: `npm run bench:star`. What they save queries, and what they cost ingestion, merges and disks. Rows are made by DuckDB,
 * which is installed by `npm ci --prefix bench`.
 */
import { runParts } from '../parts.js';
import { loading } from './loading.js';
import { merging } from './merging.js';
import { queries } from './queries.js';

await runParts({
  name: 'star',
  parts: [queries, loading, merging],
  rounds: 15,
  times: 'queries are the fastest of N interleaved rounds, all else medians.',
  settings: {
    'segment-rows': { usual: '5000000', help: 'rows of a segment of `queries`' },
    configurations: { usual: 'set,auto', help: 'trees as configured, and derived ones' },
    'distinct-rows': {
      usual: '50000000',
      help: 'from here on, segments of `queries` are the first ones again',
    },
    segments: { usual: '', help: 'a directory where segment files of `queries` are kept' },
    query: { usual: '', help: 'only queries whose names begin so' },
  },
});
