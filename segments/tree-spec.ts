import type { JsonObject } from '../core/index.js';
import type { TreeDefinition, TreeDimensionDefinition } from './schema.js';

/** The JSON that a tree is asked for by, as specs of ingestion have it. */
export const treeSpec = ({
  dimensions,
  metrics,
  maxLeafRecords,
  maxShare,
}: TreeDefinition): JsonObject => ({
  ...(dimensions && { dimensions: dimensions.map(dimensionSpec) }),
  ...(metrics && { metrics: metrics.map(({ spec }) => spec) }),
  maxLeafRecords,
  ...(maxShare !== undefined && { maxShare }),
});

const dimensionSpec = ({ name, skipStar, granularity }: TreeDimensionDefinition): JsonObject => ({
  name,
  skipStar,
  ...(granularity && { granularity: granularity.spec }),
});
