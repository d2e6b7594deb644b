import { INGEST_SETS } from '../ingest/data-sets.js';
import { ssb } from './ssb.js';
import type { StarSet } from './star-set.js';
import { web } from './web.js';

/** Tables that are loaded: those with queries, and two of which nobody says which trees they should have. */
export const loadSets = (): StarSet[] => [
  web(LOAD_ROWS_A_WEEK),
  ssb(),
  ...INGEST_SETS.map((dataSet) => ({ dataSet, trees: [], queries: [] })),
];

const LOAD_ROWS_A_WEEK = 5_000_000;
