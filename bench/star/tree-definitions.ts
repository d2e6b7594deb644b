import { parseAggregator, parseGranularity } from '../../model/index.js';
import type { TreeDefinition } from '../../segments/index.js';
import type { Configuration } from './load-spec.js';
import type { StarSet, TreeSpec } from './star-set.js';

/** What `"auto"` stands for: one tree of what is worth it. */
const AUTO: TreeDefinition = { maxLeafRecords: 1000, maxShare: 0.3 };

export function treeDefinitions({ trees }: StarSet, configuration: Configuration) {
  if (configuration === 'none') return [];
  return configuration === 'auto' ? [AUTO] : trees.map(definition);
}

const definition = ({ dimensions, metrics, maxLeafRecords }: TreeSpec): TreeDefinition => ({
  dimensions: dimensions.map((each) =>
    typeof each === 'string'
      ? { name: each, skipStar: false }
      : {
          name: each.name,
          skipStar: each.skipStar ?? false,
          ...(each.granularity && { granularity: parseGranularity(each.granularity, '') }),
        },
  ),
  metrics: metrics.map((spec, i) => parseAggregator(spec, `metrics[${i}]`)),
  maxLeafRecords,
});
