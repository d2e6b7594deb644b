import type { DataSet } from './data-set.js';
import { HITS } from './hits.js';
import { SSB } from './ssb.js';
import { WIKI } from './wiki.js';

/** All benchmark classes, in the order in which they run. */
export const DATA_SETS: readonly DataSet[] = [SSB, WIKI, HITS];
