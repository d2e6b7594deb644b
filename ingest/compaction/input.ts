import { sha256Hex, UserError, utf8Encode } from '../../core/index.js';
import {
  contains,
  ETERNITY,
  formatInterval,
  type Granularity,
  type Interval,
  intersect,
} from '../../model/index.js';
import { segmentIdText } from '../../segments/index.js';
import type { TableReader, VisibleSegment } from '../publisher.js';
import type { CompactSpec } from './compact-spec.js';

export interface CompactionInput {
  /** Whole chunks, and whole buckets of the new granularity. */
  readonly interval: Interval;
  /** What is visible in the interval. */
  readonly segments: readonly VisibleSegment[];
  /** The chunks that rows go to; none when a new segment granularity says. */
  readonly chunkIntervals: readonly Interval[];
}

type Tables = Pick<TableReader, 'visibleSegments'>;

type VisibleSegments = readonly VisibleSegment[];

/**
 * What a task compacts, as the table is now. Chunks are taken whole although the task may name a
 * part of one: the rest of its rows would be hidden by the new version.
 */
export function inputOf(spec: CompactSpec, tables: Tables): CompactionInput {
  const { segmentGranularity } = spec;
  const named = namedSegments(spec, tables);
  if (named.length === 0) throw nothing(spec);
  const { interval, segments } = wholeBuckets(spec, tables, named);
  checkCurrent(spec, segments);
  const chunkIntervals = segmentGranularity === null ? chunksOf(segments) : [];
  return { interval, segments, chunkIntervals };
}

function namedSegments({ dataSource, input }: CompactSpec, tables: Tables): VisibleSegments {
  if (input.type === 'interval') return tables.visibleSegments(dataSource, input.interval);
  const wanted = new Set(input.segments);
  return tables
    .visibleSegments(dataSource, ETERNITY)
    .filter(({ id }) => wanted.has(segmentIdText(id)));
}

function nothing({ dataSource, input }: CompactSpec): UserError {
  const where =
    input.type === 'interval' ? `in ${formatInterval(input.interval)}` : 'of these ids that count';
  return new UserError(
    `there is nothing to compact: ${dataSource} has no segments ${where}; look for them in sys.segments`,
    'spec',
    'ioConfig.inputSpec',
  );
}

/** The smallest interval around segments that cuts no chunk and no bucket, and all that is visible in it. */
function wholeBuckets(
  { dataSource, segmentGranularity }: CompactSpec,
  tables: Tables,
  named: VisibleSegments,
): Pick<CompactionInput, 'interval' | 'segments'> {
  for (let segments = named; ; ) {
    const whole = hull(segments.map(({ id }) => id.interval));
    const interval = segmentGranularity === null ? whole : bucketsOf(segmentGranularity, whole);
    const inside = tables.visibleSegments(dataSource, interval);
    const isAll = inside.every(({ id }) => contains(interval, id.interval));
    if (isAll) return { interval, segments: inside };
    segments = inside;
  }
}

const hull = (intervals: readonly Interval[]): Interval => ({
  startMs: intervals.reduce((min, { startMs }) => Math.min(min, startMs), intervals[0]!.startMs),
  endMs: intervals.reduce((max, { endMs }) => Math.max(max, endMs), intervals[0]!.endMs),
});

const bucketsOf = (granularity: Granularity, { startMs, endMs }: Interval): Interval => ({
  startMs: granularity.bucketStart(startMs),
  endMs: granularity.nextBucket(granularity.bucketStart(endMs - 1)),
});

/** What the task says of its segments must be so: others may have come since it was written. */
function checkCurrent({ input }: CompactSpec, segments: readonly VisibleSegment[]): void {
  const ids = [...new Set(segments.map(({ id }) => segmentIdText(id)))].sort();
  if (input.type === 'segments') {
    const named = [...new Set(input.segments)].sort();
    if (named.length === ids.length && named.every((id, i) => id === ids[i])) return;
    throw changed('segments', `are not all current segments of their chunks, which are ${ids}`);
  }
  const { sha256OfSortedSegmentIds: wanted } = input;
  const found = sha256Hex(utf8Encode(ids.join('')));
  if (wanted === null || wanted.toLowerCase() === found) return;
  throw changed('sha256OfSortedSegmentIds', `is ${wanted}, that of the segments is ${found}`);
}

const changed = (name: string, why: string): UserError =>
  new UserError(
    `ioConfig.inputSpec.${name} ${why}; submit the task again with what is there now`,
    'spec',
    `ioConfig.inputSpec.${name}`,
  );

/** The intervals of the chunks; those that overlap become one. */
function chunksOf(segments: readonly VisibleSegment[]): Interval[] {
  const chunks: Interval[] = [];
  const sorted = segments
    .map(({ id }) => id.interval)
    .sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
  for (const interval of sorted) {
    const last = chunks.at(-1);
    if (last === undefined || intersect(last, interval) === null) chunks.push(interval);
    else chunks[chunks.length - 1] = hull([last, interval]);
  }
  return chunks;
}
