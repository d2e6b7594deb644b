import type { DataSet } from './data-set.js';
import { HITS } from './hits.js';
import { SSB } from './ssb.js';
import { WIKI } from './wiki.js';

/** The data sets of one flat table each. */
export const DATA_SETS: readonly DataSet[] = [SSB, WIKI, HITS];
