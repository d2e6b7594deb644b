import type { VisibleSegment } from '../../ingest/index.js';
import type { Interval } from '../../model/index.js';
import type { TablePart, TableSchema } from '../../query/index.js';
import { Timeline } from '../../segments/index.js';
import { chunkIntervalsOf, compareAge } from '../metadata/chunk-intervals.js';
import { mergedColumns } from './merged-columns.js';
import type { ServedSegment } from './served-segment.js';

/** What is published of one table at one moment: its visible segments and their columns. Immutable. */
export class ServedTable {
  readonly #timeline = new Timeline<ServedSegment>();
  readonly schema: TableSchema;

  constructor(readonly segments: readonly ServedSegment[]) {
    for (const segment of segments) {
      const { id, coreCount } = segment.stored;
      this.#timeline.add({ id, coreCount, payload: segment });
    }
    const newestFirst = [...segments].sort((a, b) => compareAge(b.stored.id, a.stored.id));
    this.schema = {
      columns: mergedColumns(newestFirst.map(({ stored }) => stored.sealed.columns)),
    };
  }

  /** The visible parts of the intervals, by time, then partition. */
  parts(intervals: readonly Interval[]): TablePart[] {
    return intervals.flatMap((interval) =>
      this.#timeline
        .lookup(interval)
        .flatMap((entry) => entry.payloads.map((segment) => segment.part(entry.interval))),
    );
  }

  /** The same as `parts`, as files. Throws the error of a file that cannot be read. */
  visible(interval: Interval): VisibleSegment[] {
    return this.#timeline
      .lookup(interval)
      .flatMap((entry) => entry.payloads.map((segment) => segment.visible(entry.interval)));
  }

  /** See `Publisher`. */
  chunkIntervals(): Interval[] {
    return chunkIntervalsOf(this.segments.map(({ stored }) => stored.id));
  }
}
