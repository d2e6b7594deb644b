import type { ChunkInterval } from '../../ingest/index.js';
import type { Interval } from '../../model/index.js';
import { type MergedColumn, mergedColumns, type TablePart } from '../../query/index.js';
import type { Timeline } from '../../segments/index.js';
import { chunkIntervalsOf, compareAge } from '../metadata/chunk-intervals.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import { timelineOf } from '../metadata/used-timeline.js';

/** A published segment as queries of this process see it. */
export interface PublishedSegment {
  readonly stored: StoredSegment;
  /** As far as rows lie in the interval. */
  part(interval: Interval): TablePart;
}

/** What is published of one table at one moment: its visible segments and their columns. Immutable. */
export class ServedTable<S extends PublishedSegment> {
  readonly #timeline: Timeline<{ readonly segment: S | null }>;
  readonly columns: readonly MergedColumn[];

  constructor(
    /** Those with rows. */
    readonly segments: readonly S[],
    readonly tombstones: readonly StoredSegment[],
  ) {
    this.#timeline = timelineOf([
      ...segments.map((segment) => ({ id: segment.stored.id, segment })),
      ...tombstones.map(({ id }) => ({ id, segment: null })),
    ]);
    const newestFirst = [...segments].sort((a, b) => compareAge(b.stored.id, a.stored.id));
    this.columns = mergedColumns(newestFirst.map(({ stored }) => stored.sealed.columns));
  }

  /** The visible parts of the intervals, by time, then partition. */
  parts(intervals: readonly Interval[]): TablePart[] {
    return intervals.flatMap((interval) =>
      this.visible(interval, (segment, visible) => segment.part(visible)),
    );
  }

  /** What `use` makes of each visible segment, and of where its rows count, in the order of `parts`. */
  visible<T>(interval: Interval, use: (segment: S, visible: Interval) => T): T[] {
    return this.#timeline
      .lookup(interval)
      .flatMap((entry) =>
        entry.payloads.flatMap(({ segment }) =>
          segment === null ? [] : use(segment, entry.interval),
        ),
      );
  }

  /** See `Publisher`. */
  chunkIntervals(): ChunkInterval[] {
    return chunkIntervalsOf([...this.segments.map(({ stored }) => stored), ...this.tombstones]);
  }
}
