import {
  type Aggregator,
  type ColumnReader,
  castValue,
  compareBy,
  compareValues,
  type Dimension,
  isArrayType,
  parseAggregator,
  parseDimension,
  type Scalar,
  type Value,
} from '../../model/index.js';
import { rowSelector } from '../compiler/select-rows.js';
import { bucketFinder } from '../interpreter/buckets.js';
import { encodeGroups, type GroupPartial, mergeGroups } from '../interpreter/group-partial.js';
import { GroupTable } from '../interpreter/group-table.js';
import type { ScanTarget } from '../interpreter/target.js';
import { firstVisibleMs } from '../interpreter/visible-times.js';
import { openScan, walk } from '../interpreter/walk.js';
import type { SearchQuery } from '../native/query.js';
import { physicalInputs } from './aggregation.js';
import type { ScanEngine } from './engine.js';
import { groupsByBucket } from './groups-by-bucket.js';
import { excludedGroups } from './known-groups.js';
import { topOf } from './top-of.js';

/** A search groups by (name of the dimension, value) and counts rows. */
const COUNT: readonly Aggregator[] = [parseAggregator({ type: 'count', name: 'count' }, 'count')];
const KEYS = 2;

/** Finds the values of dimensions that match a text, and counts the rows that have them. */
export const searchEngine: ScanEngine<SearchQuery, GroupPartial> = {
  prepare(query, columns) {
    if (query.dimensions !== null) return query;
    const names = columns
      .filter((column) => column.role === 'dimension')
      .map((column) => column.name);
    return {
      ...query,
      dimensions: names.map((name) => parseDimension(name, 'searchDimensions')),
      spec: { ...query.spec, dimensions: null, searchDimensions: names },
    };
  },
  inputs: (query) =>
    physicalInputs(
      query,
      (query.dimensions ?? []).flatMap((dimension) => dimension.inputs),
    ),
  withoutScan: (_query, facts) => excludedGroups(facts, KEYS, COUNT.length),
  groups: () => null,
  scan: scanSearch,
  candidates: () => null,
  asRows: () => null,
  enough: () => false,
  *finish(query, results, { limits }) {
    const { table, visible } = yield* mergeGroups(
      results,
      KEYS,
      COUNT,
      query.intervals.length,
      limits.maxGroups,
    );
    const byValue = compareBy(query.sort, 'STRING');
    const byText = compareValues('STRING');
    // Texts that the order calls equal, such as "b" and "B", come in their own: not in that of segments.
    const order = (a: number, b: number): number =>
      byValue(table.value(1, a), table.value(1, b)) ||
      byText(table.value(0, a), table.value(0, b)) ||
      byText(table.value(1, a), table.value(1, b));
    const hits = groupsByBucket(table);
    const starts = [...hits.keys()].sort((a, b) => a - b);
    const timeOf = (bucketMs: number) =>
      query.granularity.kind === 'all' ? (firstVisibleMs(visible) ?? 0) : bucketMs;
    const rows: Value[][] = [];
    for (const startMs of starts) {
      const timeMs = timeOf(startMs);
      for (const hit of yield* topOf(hits.get(startMs)!, query.limit, order)) {
        const [dimension, value] = [table.value(0, hit), table.value(1, hit)];
        rows.push([timeMs, dimension, value, table.finalised(0, hit)]);
      }
    }
    return {
      fields: [
        { name: '__time', type: 'LONG' },
        { name: 'dimension', type: 'STRING' },
        { name: 'value', type: 'STRING' },
        { name: 'count', type: 'LONG' },
      ],
      rows,
      buckets: starts.map(timeOf),
    };
  },
};

function scanSearch(query: SearchQuery, target: ScanTarget): GroupPartial {
  const scan = openScan(target, query.virtualColumns);
  const table = new GroupTable(KEYS, COUNT, target.limits.maxGroups);
  const bucketOf = bucketFinder(query.granularity);
  const { accepts } = query.search;
  const finders = (query.dimensions ?? []).flatMap((dimension) => {
    const reader = dimension.reader(scan.source);
    return reader.exists ? [hitFinder(table, dimension, reader, accepts)] : [];
  });
  const counter = COUNT[0]!.accumulator(scan.source);
  const counts = table.states[0]!;
  const { visible, rowsScanned } = walk(scan, rowSelector(scan, query), () => {
    const bucketMs = bucketOf(scan.cursor.timeMs());
    for (const { name, find } of finders) {
      for (const value of find()) {
        const group = table.group(bucketMs, [name, value]);
        counts[group] = counter.fold(counts[group]!);
      }
    }
  });
  return encodeGroups(table, COUNT, visible, rowsScanned);
}

interface HitFinder {
  /** Ordinal of the dimension's name. */
  readonly name: number;
  /** Ordinals of the matching values of the current row, each once. */
  readonly find: () => readonly number[];
}

function hitFinder(
  table: GroupTable,
  dimension: Dimension,
  reader: ColumnReader,
  accepts: (text: string) => boolean,
): HitFinder {
  const type = isArrayType(dimension.outputType) ? 'STRING' : dimension.outputType;
  const hitsOf = (cell: Value): readonly number[] => {
    const elements = Array.isArray(cell) ? (cell as readonly Scalar[]) : [cell];
    const texts = elements.map((element) => castValue(element, type, 'STRING'));
    const hits = texts.filter((text) => typeof text === 'string' && accepts(text));
    return [...new Set(hits)].map((text) => table.ordinal(1, text));
  };
  const name = table.ordinal(0, dimension.outputName);
  const { dictionary } = reader;
  if (dictionary === undefined) return { name, find: () => hitsOf(reader.get()) };
  const known: (readonly number[] | undefined)[] = [];
  return {
    name,
    find() {
      const id = dictionary.id();
      const hits = known[id] ?? hitsOf(dictionary.value(id));
      known[id] = hits;
      return hits;
    },
  };
}
