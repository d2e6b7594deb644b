import type { JsonObject } from '../../../core/index.js';
import { parseAggregator } from '../../../model/index.js';

/** A star-tree that nobody has built. */
export interface WouldBeTree {
  /** In split order. */
  readonly dimensions: readonly WouldBeDimension[];
  /** Aggregators without names. */
  readonly metrics: readonly JsonObject[];
}

export interface WouldBeDimension {
  readonly name: string;
  readonly skipStar: boolean;
  /** Of `__time`: the JSON of what it is truncated by. */
  readonly granularity?: unknown;
}

/** Nodes of at most so many records are not split (docs/segments.md). */
export const LEAF_RECORDS = 1000;

/** The tree as ingestion specs ask for it. */
export const treeSpec = (tree: WouldBeTree): JsonObject => ({
  dimensions: tree.dimensions.map(({ name, skipStar, granularity }) =>
    granularity === undefined && !skipStar
      ? name
      : { name, ...(skipStar && { skipStar }), ...(granularity !== undefined && { granularity }) },
  ),
  metrics: namedMetrics(tree),
  maxLeafRecords: LEAF_RECORDS,
});

/** The metrics with names that differ from each other and from those of dimensions, such as `longSum(bytes)`. */
function namedMetrics({ dimensions, metrics }: WouldBeTree): JsonObject[] {
  const taken = new Set(['__time', ...dimensions.map(({ name }) => name)]);
  return metrics.map((spec) => {
    const text = metricText(spec);
    let name = text;
    for (let i = 2; taken.has(name); i++) name = `${text} ${i}`;
    taken.add(name);
    return withName(spec, name);
  });
}

/** Aggregators inside of others have the name, too: some cannot be read without. */
export function withName(spec: JsonObject, name: string): JsonObject {
  const inner =
    spec.type === 'filtered' ? { aggregator: withName(Object(spec.aggregator), name) } : {};
  return { ...spec, ...inner, name };
}

/** Such as `longSum(bytes)`; of filtered ones `count where bytes`. */
export function metricText(spec: JsonObject): string {
  const { inputs } = parseAggregator(withName(spec, 'a'), '');
  if (spec.type === 'filtered') {
    return `${metricText(Object(spec.aggregator))} where ${inputs.join(', ')}`;
  }
  return inputs.length === 0 ? String(spec.type) : `${String(spec.type)}(${inputs.join(', ')})`;
}
