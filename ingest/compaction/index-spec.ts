import { type JsonObject, UserError } from '../../core/index.js';
import {
  formatInterval,
  type Interval,
  mergedType,
  parseAggregator,
  parseGranularity,
} from '../../model/index.js';
import type { CompactSpec } from './compact-spec.js';
import type { DescribedSegment } from './described-segment.js';
import { newestFirst } from './newest-first.js';

type ColumnEntry = DescribedSegment['directory']['columns'][number];

/**
 * The `index_parallel` task that reads the segments and writes them as the compaction says. What it
 * does not say is as in the segments: dimensions and metrics in the order of the newest segment that
 * has them, dimensions in the type that the values of all segments fit, metrics in their combining
 * form, the finest query granularity, rollup where all have it. `starTrees` are those of `keptTrees`.
 */
export function indexSpec(
  spec: CompactSpec,
  interval: Interval,
  segments: readonly DescribedSegment[],
  starTrees?: unknown,
): JsonObject & { readonly spec: JsonObject } {
  const { dataSource, dropExisting, segmentGranularity, queryGranularity, tuningConfig } = spec;
  const columns = columnsOf(segments);
  const intervals = formatInterval(interval);
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource,
        timestampSpec: { column: '__time', format: 'millis' },
        dimensionsSpec: spec.dimensionsSpec ?? { dimensions: dimensionsOf(columns) },
        metricsSpec: spec.metricsSpec ?? metricsOf(columns),
        granularitySpec: {
          segmentGranularity: segmentGranularity?.spec ?? 'all',
          queryGranularity: queryGranularity?.spec ?? finestGranularity(segments),
          rollup: spec.rollup ?? segments.every(({ directory }) => directory.rollup),
          intervals: [intervals],
        },
        transformSpec: spec.transformSpec,
        starTrees,
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'druid', dataSource, interval: intervals },
        dropExisting,
      },
      tuningConfig,
    },
    context: spec.json.context ?? null,
  };
}

/** A column as the segments have it, the newest one first. */
type Column = readonly [ColumnEntry, ...ColumnEntry[]];

/** By name. */
function columnsOf(segments: readonly DescribedSegment[]): readonly Column[] {
  const columns = new Map<string, [ColumnEntry, ...ColumnEntry[]]>();
  for (const { directory } of newestFirst(segments)) {
    for (const column of directory.columns) {
      const known = columns.get(column.name);
      if (known === undefined) columns.set(column.name, [column]);
      else known.push(column);
    }
  }
  return [...columns.values()];
}

/** States of two kinds cannot be merged, nor can states and values of other types: one would be lost, or be another one. */
function checkAlike([newer, ...others]: Column): void {
  const older = others.find((each) => isUnlike(newer, each));
  if (older === undefined) return;
  const field = newer.role === 'metric' ? 'metricsSpec' : 'dimensionsSpec';
  throw new UserError(
    `the ${newer.role} ${newer.name} is ${shownKind(newer)} in newer segments, and a ${older.role}, ${shownKind(older)}, in older ones; give a ${field} that says how to read it`,
    'spec',
    field,
  );
}

function isUnlike(newer: ColumnEntry, older: ColumnEntry): boolean {
  if (newer.role !== 'metric' && older.role !== 'metric') return false;
  if (newer.type !== older.type) return true;
  return newer.role === older.role && combiningOf(newer).type !== combiningOf(older).type;
}

const combiningOf = ({ aggregator, name }: ColumnEntry): JsonObject =>
  parseAggregator(aggregator, name).combining().spec;

const shownKind = (column: ColumnEntry): string =>
  column.role === 'metric' ? `${column.type} by ${combiningOf(column).type}` : column.type;

/** In types that lose no value; those that were found stay open for others. */
const dimensionsOf = (columns: readonly Column[]): JsonObject[] =>
  columns
    .filter(([{ role }]) => role === 'dimension')
    .map((all) => {
      checkAlike(all);
      const { name, indexChoice: choice } = all[0];
      const { type, auto } = mergedType(all);
      return {
        type: auto === undefined ? type.toLowerCase() : 'auto',
        name,
        multiValueHandling: 'ARRAY',
        ...(choice && { createBitmapIndex: choice.bitmap, indexes: choice.kinds }),
      };
    });

const metricsOf = (columns: readonly Column[]): JsonObject[] =>
  columns
    .filter(([{ role }]) => role === 'metric')
    .map((all) => {
      checkAlike(all);
      const { indexChoice: choice } = all[0];
      return {
        ...combiningOf(all[0]),
        ...(choice && { indexes: choice.kinds }),
      };
    });

/** The one whose buckets are shortest. */
function finestGranularity(segments: readonly DescribedSegment[]): unknown {
  let finest: { readonly spec: unknown; readonly lengthMs: number } | null = null;
  for (const { directory, id } of segments) {
    const granularity = parseGranularity(directory.queryGranularity ?? 'none', 'queryGranularity');
    const startMs = granularity.bucketStart(id.interval.startMs);
    const lengthMs = granularity.nextBucket(startMs) - startMs;
    if (finest === null || lengthMs < finest.lengthMs)
      finest = { spec: granularity.spec, lengthMs };
  }
  return finest?.spec ?? 'none';
}
