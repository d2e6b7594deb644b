import { type JsonObject, UserError, VarveError } from '../../../core/index.js';
import { isArrayType, parseAggregator, splitPathColumn } from '../../../model/index.js';
import type { QueryShape, ShapeAggregation } from '../../log/query-shape.js';
import type { Facts } from './facts.js';
import { metricText, withName } from './would-be-tree.js';

/** Dimensions of more values are not coded. */
const MOST_VALUES = 65_536;

/** Why no tree at all can answer queries of a shape; null where one may. */
export function reasonAgainst(shape: QueryShape, facts: Facts): string | null {
  if (shape.time === 'none') return 'reads __time to the millisecond';
  for (const { isWhole, spec, where } of shape.aggregations) {
    const reason = aggregatorReason({ isWhole, spec, where }, facts);
    if (reason !== null) return reason;
  }
  for (const name of dimensionsOf(shape)) {
    const reason = dimensionReason(name, facts);
    if (reason !== null) return reason;
  }
  return null;
}

/** Columns that have to be dimensions of a tree, but for `__time` alone. */
export const dimensionsOf = ({ groups, conditions, aggregations }: QueryShape): string[] => [
  ...new Set([
    ...groups,
    ...conditions.flatMap(({ columns }) => columns),
    ...aggregations.flatMap(({ where }) => where.flatMap(({ columns }) => columns)),
  ]),
];

function dimensionReason(name: string, facts: Facts): string | null {
  const shown = JSON.stringify(name);
  if (name === '__time') return 'groups by or tests something made of __time and other columns';
  if (splitPathColumn(name) !== null) return 'groups by or tests a path into JSON';
  const column = facts.column(name);
  if (column === null) return `the newest segments have no column ${shown}`;
  if (column.role !== 'dimension') return `groups by or tests ${shown}, a metric`;
  if (column.multiValue || isArrayType(column.type)) {
    return `groups by or tests ${shown}, a column of lists`;
  }
  if (!SCALARS.has(column.type)) return `groups by or tests ${shown}, of type ${column.type}`;
  if (facts.types.get(name) !== column.type) {
    return `${shown} is ${column.type} in the newest segments and ${facts.types.get(name)} in the table: compact it first`;
  }
  const count = facts.cardinality(name) ?? 0;
  return count > MOST_VALUES
    ? `${shown} has ${count} values in a segment, trees take ${MOST_VALUES} at most`
    : null;
}

const SCALARS: ReadonlySet<string> = new Set(['STRING', 'LONG', 'DOUBLE', 'FLOAT']);

function aggregatorReason({ isWhole, spec }: ShapeAggregation, facts: Facts): string | null {
  if (!isWhole) {
    return `aggregator ${String(spec.type)} reads an expression or something else that the query log does not keep`;
  }
  const read = readable(spec);
  if (read === null) return `aggregator ${String(spec.type)} is not understood any more`;
  if (read.queryOnly === true) return `aggregator ${metricText(spec)} cannot be merged`;
  const missing = read.inputs.find((name) => facts.column(name) === null);
  return missing === undefined
    ? null
    : `aggregator ${metricText(spec)}: the newest segments have no column ${JSON.stringify(missing)}`;
}

/** Null for what only another version wrote. */
function readable(spec: JsonObject) {
  try {
    return parseAggregator(withName(spec, 'a'), '');
  } catch (error) {
    if (error instanceof UserError || error instanceof VarveError) return null;
    throw error;
  }
}
