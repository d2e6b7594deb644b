import type { JsonObject } from '../../core/index.js';
import { type Aggregator, parseAggregator } from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';

/** Columns of numbers beyond these are left to definitions that name them. */
const MOST_NUMBERS = 10;

/**
 * Metrics that a tree of these columns has when nothing is said: the count of rows, the metrics that rows have, and sum, minimum and
 * maximum of numbers, with a count of those that are not null, from which means are told.
 */
export function deriveMetrics(columns: readonly ColumnEntry[]): Aggregator[] {
  const numbers = columns.filter(
    ({ role, type, multiValue }) =>
      role === 'dimension' &&
      !multiValue &&
      (type === 'LONG' || type === 'DOUBLE' || type === 'FLOAT'),
  );
  const specs = [
    { type: 'count', name: 'count' },
    ...columns.flatMap(combiningSpec),
    ...numbers.slice(0, MOST_NUMBERS).flatMap(specsOf),
  ];
  const taken = new Set(columns.map(({ name }) => name));
  return specs.map((spec) => {
    let name = String(spec.name);
    while (taken.has(name)) name += "'";
    taken.add(name);
    return parseAggregator({ ...spec, name }, 'metrics');
  });
}

/** Of a stored metric. */
function combiningSpec({ name, aggregator }: ColumnEntry): JsonObject[] {
  if (aggregator === null) return [];
  const { spec } = parseAggregator(aggregator, 'metrics').combining();
  return [{ ...spec, name: `${String(spec.type)}(${name})` }];
}

/** SQL adds up FLOAT as DOUBLE. */
function specsOf({ name, type, stats }: ColumnEntry): JsonObject[] {
  const prefix = type.toLowerCase();
  const notNull = { type: 'not', field: { type: 'null', column: name } };
  const counted = `count(${name})`;
  return [
    { type: type === 'LONG' ? 'longSum' : 'doubleSum', name: `sum(${name})`, fieldName: name },
    { type: `${prefix}Min`, name: `min(${name})`, fieldName: name },
    { type: `${prefix}Max`, name: `max(${name})`, fieldName: name },
    ...(stats.hasNulls
      ? [
          {
            type: 'filtered',
            name: counted,
            filter: notNull,
            aggregator: { type: 'count', name: counted },
          },
        ]
      : []),
  ];
}
