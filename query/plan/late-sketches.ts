import type { JsonObject } from '../../core/index.js';
import { type Aggregator, type Dimension, rowColumn } from '../../model/index.js';
import type { ColumnSchema } from '../engines/engine.js';
import type { GroupByQuery, NativeQuery, TopNQuery } from '../native/query.js';
import { parseNativeQuery } from '../native/registry.js';
import type { ResultSet } from '../result.js';
import type { TablePart } from '../tables.js';

/**
 * A query of many groups with sketches, of which a limit leaves few that other aggregates tell, in two scans:
 *
 *     all rows ─► the other aggregates ─► the groups that are left
 *     rows of these groups ─► all aggregates ─► the answer
 *
 * Sketches of thousands of groups leave the caches, and have to be sent and merged; of the groups that nobody is shown none is made.
 * Both scans see one snapshot, and groups are told by whole values of their columns, so that the answer is that of one scan.
 */
export interface LateSketches {
  /** Asks for the groups. */
  readonly groups: NativeQuery;
  /** The query for these groups only. */
  among(found: ResultSet): NativeQuery;
}

/** More than that make a filter that costs more than it saves. */
const MAX_SHOWN_GROUPS = 1000;

/** Of fewer rows a second scan takes longer than the sketches. */
const MIN_ROWS = 500_000;

type Query = GroupByQuery | TopNQuery;

/** The rows that a query scans. */
interface Scanned {
  readonly columns: readonly ColumnSchema[];
  readonly parts: readonly Pick<TablePart, 'rowCount' | 'facts'>[];
}

/** Null for a query that is better answered in one scan. Tests make `minRows` small. */
export function lateSketches(
  query: NativeQuery,
  { columns, parts }: Scanned,
  minRows = MIN_ROWS,
): LateSketches | null {
  if (query.queryType !== 'groupBy' && query.queryType !== 'topN') return null;
  const shown = shownGroups(query);
  if (shown === null || shown > MAX_SHOWN_GROUPS) return null;
  const light = query.aggregations.filter((each) => !isSketch(each));
  if (light.length === query.aggregations.length) return null;
  const names = new Set(light.map(({ name }) => name));
  const dimensions = query.queryType === 'topN' ? [query.dimension] : query.dimensions;
  if (!isOrderedBy(query, names, dimensions)) return null;
  const byName = new Map(columns.map((column) => [column.name, column]));
  const virtual = new Set(query.virtualColumns.map(({ name }) => name));
  if (!dimensions.every((each) => tellsRows(each, byName, virtual))) return null;
  if (parts.reduce((sum, { rowCount }) => sum + rowCount, 0) < minRows) return null;
  if (knownGroups(dimensions, parts) <= 2 * shown) return null;
  return {
    groups: parseNativeQuery({
      ...query.spec,
      ...(query.queryType === 'groupBy' && { limitSpec: withoutOffset(query) }),
      aggregations: light.map(({ spec }) => spec),
      postAggregations: [],
    }),
    among: (found) =>
      found.rows.length < shown ? query : parseNativeQuery(amongGroups(query, dimensions, found)),
  };
}

/** How many groups are left at most, those before the offset included; null where more than the limit decides. */
function shownGroups(query: Query): number | null {
  if (query.granularity.kind !== 'all') return null;
  if (query.queryType === 'topN') return query.threshold;
  const { limit, offset } = query.limitSpec;
  return limit === null || query.having !== null || query.subtotals !== null
    ? null
    : limit + offset;
}

/** Whether its state is a sketch, be it of some rows only. */
function isSketch({ form }: Aggregator): boolean {
  if (form?.kind === 'filtered') return isSketch(form.aggregator);
  return form?.kind === 'sketch' || form?.kind === 'coupons' || form?.kind === 'folds';
}

/** Whether the order needs no other aggregators than these. */
function isOrderedBy(
  query: Query,
  aggregators: ReadonlySet<string>,
  dimensions: readonly Dimension[],
): boolean {
  if (query.queryType === 'topN') {
    return query.metric.by === 'dimension' || aggregators.has(query.metric.name);
  }
  const outputs = new Set(dimensions.map(({ outputName }) => outputName));
  return query.limitSpec.columns.every(({ name }) => aggregators.has(name) || outputs.has(name));
}

/** Whether a dimension is a column as it is, and its values tell which rows are theirs: no two of one text, one value a row. */
function tellsRows(
  { spec, inputs, outputType }: Dimension,
  columns: ReadonlyMap<string, ColumnSchema>,
  virtual: ReadonlySet<string>,
): boolean {
  const [name] = inputs;
  if (spec.type !== 'default' || name === undefined || rowColumn(name) !== name) return false;
  const column = columns.get(name);
  if (column === undefined || virtual.has(name) || column.multiValue) return false;
  const fits = outputType === 'STRING' || outputType === 'LONG';
  return column.type === 'STRING' ? outputType === 'STRING' : column.type === 'LONG' && fits;
}

/** How many groups some part has at most, by what is known of the columns' values. */
function knownGroups(dimensions: readonly Dimension[], parts: Scanned['parts']): number {
  const valuesOf = (facts: TablePart['facts'], column: string): number => {
    const count = facts?.column(column)?.stats.cardinality ?? null;
    return count === null ? Number.POSITIVE_INFINITY : count + 1;
  };
  const counts = parts.map(({ facts }) =>
    dimensions.reduce((product, { inputs }) => product * valuesOf(facts, inputs[0]!), 1),
  );
  return Math.max(0, ...counts);
}

function withoutOffset({ limitSpec, spec }: GroupByQuery): JsonObject {
  const { limit, offset } = limitSpec;
  return { ...(spec.limitSpec as JsonObject), limit: limit! + offset, offset: 0 };
}

function amongGroups(
  query: Query,
  dimensions: readonly Dimension[],
  { fields, rows }: ResultSet,
): JsonObject {
  const filters = dimensions.map(({ outputName, inputs }): JsonObject => {
    const at = fields.findIndex(({ name }) => name === outputName);
    const texts = new Set(rows.map((row) => (row[at] === null ? null : String(row[at]))));
    return { type: 'in', dimension: inputs[0]!, values: [...texts] };
  });
  const own = query.filter === null ? [] : [query.filter.spec];
  return { ...query.spec, filter: { type: 'and', fields: [...own, ...filters] } };
}
