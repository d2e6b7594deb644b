import { CARDINALITY } from './cardinality.js';
import type { DataSet, QueryClass } from './data-set.js';
import { HITS } from './hits.js';
import { LINEORDER } from './lineorder.js';
import { PERCENTILES } from './percentiles.js';
import { SSB } from './ssb.js';
import { WIKI } from './wiki.js';

const ownOf = (dataSet: DataSet, name = dataSet.name): QueryClass => ({
  name,
  dataSet,
  queries: dataSet.queries,
});

/** All benchmark classes, in the order in which they run. */
export const CLASSES: readonly QueryClass[] = [
  ownOf(SSB),
  ownOf(WIKI),
  PERCENTILES,
  ownOf(HITS),
  ownOf(LINEORDER, 'joins'),
  ownOf(CARDINALITY, 'cardinality'),
];
