/**
 * How columns and indexes are stored: `npm run bench:storage`. Tables of every encoding and kind of index that there is, and
 * of three data sets beside Parquet, DuckDB and ClickHouse, which are installed by `npm ci --prefix bench`.
 */
import { runParts } from '../parts.js';
import { encodings } from './encodings.js';
import { indexes } from './indexes.js';
import { tables } from './tables.js';

await runParts({
  name: 'storage',
  parts: [encodings, indexes, tables],
  rounds: 5,
  times: 'the fastest of N rounds.',
});
