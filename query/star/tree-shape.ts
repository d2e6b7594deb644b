import { stringifyJson } from '../../core/index.js';
import {
  type Granularity,
  parseAggregator,
  parseGranularity,
  type ValueType,
} from '../../model/index.js';
import type { ColumnFacts, TreeEntry } from '../../segments/index.js';
import { aggregatorText, type StoredTypes, thetaSize } from './spelling.js';

/** A stored column of states of an aggregator. */
export interface TreeMetric {
  readonly name: string;
  /** See `thetaSize`. */
  readonly thetaSize: number;
}

/** What is known of a tree apart from its rows and from queries. */
export interface TreeShape {
  /** The same for trees that look alike. */
  readonly key: string;
  readonly dimensions: readonly string[];
  readonly positions: ReadonlyMap<string, number>;
  /** By dimension. */
  readonly types: readonly ValueType[];
  /** That of `__time`; null where it is no dimension. */
  readonly granularity: Granularity | null;
  /** By what they fold. */
  readonly metrics: ReadonlyMap<string, readonly TreeMetric[]>;
  readonly typeOf: StoredTypes;
}

/** A tree is of one file, whose facts do not change. */
const shapes = new WeakMap<TreeEntry, TreeShape>();

/** Worked out once for each tree. */
export function shapeOf(tree: TreeEntry, facts: Pick<ColumnFacts, 'column'>): TreeShape {
  const known = shapes.get(tree);
  if (known !== undefined) return known;
  const made = newShape(tree, facts);
  shapes.set(tree, made);
  return made;
}

function newShape(tree: TreeEntry, facts: Pick<ColumnFacts, 'column'>): TreeShape {
  const { dimensions } = tree;
  const typeOf: StoredTypes = (column) => facts.column(column)?.type;
  const time = dimensions.find(({ granularity }) => granularity !== undefined);
  const metrics = new Map<string, TreeMetric[]>();
  const inputs = new Set<string>();
  for (const { name, aggregator: spec } of tree.columns) {
    if (spec === null) continue;
    const aggregator = parseAggregator(spec, '');
    const text = aggregatorText(aggregator, typeOf);
    const metric = { name, thetaSize: thetaSize(aggregator) };
    metrics.set(text, [...(metrics.get(text) ?? []), metric]);
    for (const input of aggregator.inputs) inputs.add(input);
  }
  const types = tree.columns.slice(0, dimensions.length).map(({ type }) => type);
  return {
    key: stringifyJson({
      dimensions: dimensions.map(({ name, granularity }) => ({ name, granularity })),
      types,
      metrics: [...metrics],
      inputs: Array.from(inputs, (name) => [name, typeOf(name)]),
    }),
    dimensions: dimensions.map(({ name }) => name),
    positions: new Map(dimensions.map(({ name }, i) => [name, i])),
    types,
    granularity: time === undefined ? null : parseGranularity(time.granularity, 'granularity'),
    metrics,
    typeOf,
  };
}
