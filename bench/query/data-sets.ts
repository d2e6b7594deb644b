import type { DataSet } from './data-set.js';
import { SSB } from './ssb.js';

/** All benchmark classes, in the order in which they run. */
export const DATA_SETS: readonly DataSet[] = [SSB];
