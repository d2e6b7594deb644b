import { inPieces, mapInPieces, type Turns } from '../../core/index.js';
import { compareValues, type Value } from '../../model/index.js';
import { GroupTable } from '../interpreter/group-table.js';
import type { MergedTable } from '../interpreter/groups.js';
import type { GroupByQuery, OrderByColumn } from '../native/query.js';
import { comparatorOf } from './first-groups.js';
import { chain } from './group-order.js';
import type { OutputRow, OutputRows } from './output-rows.js';
import { numbersBelow, topOf } from './top-of.js';

/** The start of a bucket as rows show it. */
type TimeOf = (bucketMs: number) => number;

/** The rows of all subtotals, after having, order, offset and limit. */
export function* subtotalRows(
  query: GroupByQuery,
  output: OutputRows,
  table: MergedTable,
  maxGroups: number,
  timeOf: TimeOf,
): Turns<OutputRow[]> {
  const names = query.dimensions.map((dimension) => dimension.outputName);
  const accepts = query.having?.compile(output.types);
  const rows: OutputRow[] = [];
  for (const kept of query.subtotals!) {
    const keptNames = new Set(kept.map((dimension) => names[dimension]!));
    const subtotal = yield* regroup(query, table, kept, maxGroups);
    const all = numbersBelow(subtotal.groupCount);
    const made = yield* rowsOf(query, output, subtotal, all, timeOf, keptNames);
    // Each grouping is ordered by itself; the concatenation is not sorted again by default.
    const ordered = yield* topOf(made, made.length, defaultOrder(query));
    yield* inPieces(ordered.length, (from, to) => {
      for (const row of ordered.slice(from, to)) {
        if (accepts === undefined || accepts(output.view(row))) rows.push(row);
      }
    });
  }
  const { limit, offset, columns } = query.limitSpec;
  const wanted = limit === null ? rows.length : Math.min(rows.length, offset + limit);
  const ordered =
    columns.length === 0 ? rows : yield* topOf(rows, wanted, givenOrder(query, output));
  return ordered.slice(offset, wanted);
}

/** Rows of groups of a table. */
export function* rowsOf(
  query: GroupByQuery,
  output: OutputRows,
  table: MergedTable,
  groups: readonly number[],
  timeOf: TimeOf,
  kept?: ReadonlySet<string>,
): Turns<OutputRow[]> {
  // One for all of them: whoever makes a row copies it.
  const cells = new Array<Value>(query.dimensions.length);
  return yield* mapInPieces(groups, (group) => {
    for (let i = 0; i < cells.length; i++) cells[i] = table.value(i, group);
    return output.make(timeOf(table.bucket(group)), cells, table.statesOf(group), kept);
  });
}

/** The groups of one subtotal: those of the full grouping, combined where they agree in `kept`. */
function* regroup(
  { dimensions, aggregations }: GroupByQuery,
  full: MergedTable,
  kept: readonly number[],
  maxGroups: number,
): Turns<GroupTable> {
  const table = new GroupTable(dimensions.length, aggregations, maxGroups);
  const isKept = dimensions.map((_, dimension) => kept.includes(dimension));
  const add = (group: number): void => {
    const ordinals = isKept.map((keep, dimension) =>
      table.ordinal(dimension, keep ? full.value(dimension, group) : null),
    );
    const target = table.group(full.bucket(group), ordinals);
    for (const [i, aggregator] of aggregations.entries()) {
      const states = table.states[i]!;
      states[target] = aggregator.combine(states[target]!, full.state(i, group));
    }
  };
  yield* inPieces(full.groupCount, (from, to) => {
    for (let group = from; group < to; group++) add(group);
  });
  return table;
}

type RowOrder = (a: OutputRow, b: OutputRow) => number;

/** The order that was asked for. */
function givenOrder(query: GroupByQuery, output: OutputRows): RowOrder {
  const byColumns = query.limitSpec.columns.map((column) => columnOrder(query, output, column));
  return chain(query.context.sortByDimsFirst ? [...byColumns, byTime] : [byTime, ...byColumns]);
}

const byTime: RowOrder = (a, b) => Number(a.values[0]) - Number(b.values[0]);

/** Time, then dimensions from left to right in the order of their types, nulls first. */
function defaultOrder(query: GroupByQuery): RowOrder {
  const byDimensions = query.dimensions.map(({ outputType }, i): RowOrder => {
    const compare = compareValues(outputType);
    return (a, b) => compare(a.values[1 + i]!, b.values[1 + i]!);
  });
  return chain(
    query.context.sortByDimsFirst ? [...byDimensions, byTime] : [byTime, ...byDimensions],
  );
}

/** A dimension by its `dimensionOrder`, an aggregator or post-aggregator by its own order. */
function columnOrder(query: GroupByQuery, output: OutputRows, column: OrderByColumn): RowOrder {
  const at = output.indexOf(column.name);
  const compare = comparatorOf(query, column);
  const sign = column.descending ? -1 : 1;
  return (a, b) => sign * compare(a.values[at]!, b.values[at]!);
}
