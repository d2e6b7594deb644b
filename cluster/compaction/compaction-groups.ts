import { ETERNITY, type Granularity, type Interval, overlaps } from '../../model/index.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import { timelineOf } from '../metadata/used-timeline.js';
import { compactedTest } from './compacted.js';
import type { CompactionConfig } from './compaction-config.js';

/** Segments that are compacted together: all that is visible in an interval that cuts no chunk. */
export interface SegmentGroup {
  /** Whole chunks, and whole buckets of the new granularity. */
  readonly interval: Interval;
  /** By id text, as they are hashed. */
  readonly segments: readonly StoredSegment[];
  readonly sizeBytes: number;
}

/** What is to be done with a group. */
export interface JudgedGroup extends SegmentGroup {
  /** The ids of those that were not written as the configuration says. */
  readonly others: readonly string[];
  /** `awaiting`: it is to be compacted; `skipped`: the configuration wants it left alone. */
  readonly verdict: 'compacted' | 'awaiting' | 'skipped';
}

/**
 * The groups of a table's segments, the newest first, each with what its configuration says of it. `used`
 * are all that count, tombstones included. Pure.
 */
export function judgeGroups(
  used: readonly StoredSegment[],
  config: CompactionConfig,
): JudgedGroup[] {
  const visible = visibleSegments(used);
  const latestEndMs = visible.reduce(
    (latest, { id }) => Math.max(latest, id.interval.endMs),
    Number.NEGATIVE_INFINITY,
  );
  const isCompacted = compactedTest(config);
  const alone = { startMs: config.skipFrom(latestEndMs), endMs: latestEndMs };
  const isLeftAlone = ({ interval, sizeBytes }: SegmentGroup): boolean =>
    (alone.startMs < alone.endMs && overlaps(interval, alone)) ||
    sizeBytes > config.inputSegmentSizeBytes;
  return groupsOf(visible, config.segmentGranularity).map((group) => {
    const others = group.segments.flatMap((each) => (isCompacted(each) ? [] : each.idText));
    const verdict = others.length === 0 ? 'compacted' : isLeftAlone(group) ? 'skipped' : 'awaiting';
    return { ...group, others, verdict };
  });
}

function visibleSegments(used: readonly StoredSegment[]): StoredSegment[] {
  const shown = timelineOf(used)
    .lookup(ETERNITY)
    .flatMap(({ payloads }) => payloads.filter(({ isTombstone }) => !isTombstone));
  return [...new Set(shown)];
}

/** Chunks that overlap, or lie in one bucket, belong together. Latest first. */
function groupsOf(
  segments: readonly StoredSegment[],
  granularity: Granularity | null,
): SegmentGroup[] {
  const spans = segments
    .map((segment) => ({ segment, span: wholeBuckets(segment.id.interval, granularity) }))
    .sort((a, b) => a.span.startMs - b.span.startMs);
  const groups: { startMs: number; endMs: number; segments: StoredSegment[] }[] = [];
  for (const { segment, span } of spans) {
    const last = groups.at(-1);
    if (last === undefined || span.startMs >= last.endMs) {
      groups.push({ ...span, segments: [segment] });
    } else {
      last.endMs = Math.max(last.endMs, span.endMs);
      last.segments.push(segment);
    }
  }
  return groups.reverse().map(({ startMs, endMs, segments: members }) => ({
    interval: { startMs, endMs },
    segments: members.sort((a, b) => (a.idText < b.idText ? -1 : 1)),
    sizeBytes: members.reduce((bytes, { sealed }) => bytes + sealed.sizeBytes, 0),
  }));
}

function wholeBuckets({ startMs, endMs }: Interval, granularity: Granularity | null): Interval {
  if (granularity === null) return { startMs, endMs };
  return {
    startMs: granularity.bucketStart(startMs),
    endMs: granularity.nextBucket(granularity.bucketStart(endMs - 1)),
  };
}
