import { type JsonObject, UserError } from '../../core/index.js';
import {
  formatInterval,
  type Interval,
  parseAggregator,
  parseGranularity,
} from '../../model/index.js';
import type { VisibleSegment } from '../publisher.js';
import type { CompactSpec } from './compact-spec.js';

type Column = VisibleSegment['directory']['columns'][number];

/**
 * The `index_parallel` task that reads the segments and writes them as the compaction says. What it
 * does not say is as in the segments: dimensions and metrics in the order of the newest segment that
 * has them, metrics in their combining form, the finest query granularity, rollup where all have it.
 */
export function indexSpec(
  spec: CompactSpec,
  interval: Interval,
  segments: readonly VisibleSegment[],
): JsonObject & { readonly spec: JsonObject } {
  const { dataSource, dropExisting, segmentGranularity, queryGranularity, tuningConfig } = spec;
  const columns = newestColumns(segments);
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

/** By name, as the newest segment has them: that of the highest version, then of the latest time. */
function newestColumns(segments: readonly VisibleSegment[]): ReadonlyMap<string, Column> {
  const newestFirst = [...segments].sort(
    ({ id: a }, { id: b }) =>
      compareText(b.version, a.version) ||
      b.interval.startMs - a.interval.startMs ||
      b.partitionNum - a.partitionNum,
  );
  const columns = new Map<string, Column>();
  for (const { directory } of newestFirst) {
    for (const column of directory.columns) {
      const known = columns.get(column.name);
      if (known === undefined) columns.set(column.name, column);
      else checkAlike(known, column);
    }
  }
  return columns;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** States of two kinds cannot be merged, and one would be lost. */
function checkAlike(newer: Column, older: Column): void {
  if (newer.role !== 'metric' || older.role !== 'metric' || newer.type === older.type) return;
  throw new UserError(
    `the metric ${newer.name} is ${newer.type} in newer segments and ${older.type} in older ones; give a metricsSpec that says how to read it`,
    'spec',
    'metricsSpec',
  );
}

const dimensionsOf = (columns: ReadonlyMap<string, Column>): JsonObject[] =>
  [...columns.values()]
    .filter(({ role }) => role === 'dimension')
    .map(({ name, type, indexChoice: choice }) => ({
      type: type.toLowerCase(),
      name,
      multiValueHandling: 'ARRAY',
      ...(choice && { createBitmapIndex: choice.bitmap, indexes: choice.kinds }),
    }));

const metricsOf = (columns: ReadonlyMap<string, Column>): JsonObject[] =>
  [...columns.values()]
    .filter(({ role }) => role === 'metric')
    .map(({ name, aggregator, indexChoice: choice }) => ({
      ...parseAggregator(aggregator, name).combining().spec,
      ...(choice && { indexes: choice.kinds }),
    }));

/** The one whose buckets are shortest. */
function finestGranularity(segments: readonly VisibleSegment[]): unknown {
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
