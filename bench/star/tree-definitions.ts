import { parseAggregator, parseGranularity } from '../../model/index.js';
import type { TreeDefinition } from '../../segments/index.js';
import type { StarSet, TreeSpec } from './star-set.js';

/** How a table is configured: without trees, with those of its set, or as ingestion specs say `"starTrees": "auto"`. */
export const CONFIGURATIONS = ['none', 'set', 'auto'] as const;
export type Configuration = (typeof CONFIGURATIONS)[number];

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
          skipStar: false,
          granularity: parseGranularity(each.granularity, 'granularity'),
        },
  ),
  metrics: metrics.map((spec, i) => parseAggregator(spec, `metrics[${i}]`)),
  maxLeafRecords,
});
