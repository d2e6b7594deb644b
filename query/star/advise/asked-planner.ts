import { type JsonObject, stringifyJson } from '../../../core/index.js';
import {
  type Aggregator,
  ETERNITY,
  type Filter,
  type Interval,
  parseAggregator,
  UNKNOWN,
} from '../../../model/index.js';
import type { TreeEntry } from '../../../segments/index.js';
import { scanEngineOf } from '../../engines/registry.js';
import type { QueryShape, ShapeCondition } from '../../log/query-shape.js';
import { LADDER } from '../../log/shape-time.js';
import type { NativeQuery } from '../../native/query.js';
import { parseNativeQuery } from '../../native/registry.js';
import { prune } from '../../plan/prune.js';
import { planTree } from '../plan-tree.js';
import type { Facts } from './facts.js';
import { metricText, type WouldBeTree, withName } from './would-be-tree.js';

/** Which part of a query the planner would answer with a tree: all of it, whole segments only, or nothing. */
export type Fit = 'all' | 'whole segments' | 'none';

/** Asks the planner of queries, so that advice and answers cannot differ. */
export function fitOf(tree: WouldBeTree, shape: QueryShape, facts: Facts): Fit {
  if (!isPlanned(tree, queryOf(shape, ETERNITY), facts)) return 'none';
  const cut = cutInterval(shape, facts);
  return cut === null || isPlanned(tree, queryOf(shape, cut), facts) ? 'all' : 'whole segments';
}

/** A part of the segment's time as intervals of the shape may cut it; null where they never do. */
export function cutInterval({ span }: QueryShape, facts: Facts): Interval | null {
  const { minTimeMs, maxTimeMs } = facts.part;
  if (span.aligned === null)
    return isEndless(span) ? null : { startMs: minTimeMs + 1, endMs: maxTimeMs };
  const { granularity } = LADDER.find(({ name }) => name === span.aligned)!;
  const startMs = granularity.nextBucket(granularity.bucketStart(minTimeMs));
  return startMs > maxTimeMs ? null : { startMs, endMs: ETERNITY.endMs };
}

const isEndless = ({ period }: QueryShape['span']): boolean => period === 'all';

function isPlanned(tree: WouldBeTree, query: NativeQuery, facts: Facts): boolean {
  const { types } = facts;
  const trees = [entryOf(tree, facts)];
  const part = { ...facts.part, facts: { ...facts.part.facts!, trees } };
  const [planned] = prune(query, [part], types);
  const groups = scanEngineOf(query)!.groups(query);
  return planned !== undefined && planTree(query, groups, planned, types) !== null;
}

/** A query that reads what those of the shape read. */
function queryOf(shape: QueryShape, interval: Interval): NativeQuery {
  const { time, groups, conditions, aggregations } = shape;
  const query = parseNativeQuery({
    queryType: 'groupBy',
    dataSource: 't',
    intervals: '2000/2001',
    granularity: time ?? 'all',
    dimensions: groups.map((dimension, i) => ({ type: 'default', dimension, outputName: `d${i}` })),
  });
  return {
    ...query,
    intervals: [interval],
    filter: filterOf(conditions),
    aggregations: aggregations.map(({ spec, where }, i) => aggregatorOf(spec, where, `a${i}`)),
  } as NativeQuery;
}

function aggregatorOf(
  spec: JsonObject,
  where: readonly ShapeCondition[],
  name: string,
): Aggregator {
  const aggregator = parseAggregator(withName(spec, name), '');
  const filter = filterOf(where);
  if (filter === null) return aggregator;
  return {
    ...aggregator,
    spec: { type: 'filtered', name, filter: filter.spec, aggregator: aggregator.spec },
    inputs: [...filter.inputs, ...aggregator.inputs],
    form: { kind: 'filtered', filter, aggregator },
  };
}

/** Reads the columns of the conditions, and tells nothing of rows. */
function filterOf(conditions: readonly ShapeCondition[]): Filter | null {
  if (conditions.length === 0) return null;
  const filters = conditions.map(
    ({ columns }): Filter => ({
      spec: {
        type: 'expression',
        expression: columns.map((name) => stringifyJson(name)).join(' == '),
      },
      inputs: columns,
      predicate: () => () => UNKNOWN,
    }),
  );
  return {
    spec: { type: 'and', fields: filters.map(({ spec }) => spec) },
    inputs: conditions.flatMap(({ columns }) => columns),
    predicate: () => () => UNKNOWN,
    form: { kind: 'and', filters },
  };
}

/** What the directory of a segment would say of the tree, as far as planning asks. */
function entryOf({ dimensions, metrics }: WouldBeTree, facts: Facts): TreeEntry {
  const column = (name: string, aggregator: JsonObject | null): TreeEntry['columns'][number] => ({
    name,
    type: facts.types.get(name) ?? 'LONG',
    role: aggregator !== null ? 'metric' : name === '__time' ? 'time' : 'dimension',
    multiValue: false,
    encoding: '',
    parameters: {},
    aggregator,
    blocks: [],
    indexes: [],
    stats: {
      cardinality: aggregator === null ? facts.cardinality(name) : null,
      min: null,
      max: null,
      hasNulls: true,
      sizeBytes: 0,
    },
  });
  return {
    dimensions,
    maxLeafRecords: 1,
    rowCount: facts.part.rowCount,
    columns: [
      ...dimensions.map(({ name }) => column(name, null)),
      ...metrics.map((spec, i) => column(`${metricText(spec)} #${i}`, withName(spec, `m${i}`))),
    ],
  };
}
