import type { VisibleSegment } from '../../ingest/index.js';
import type { Interval } from '../../model/index.js';
import type { TablePart, TableSchema } from '../../query/index.js';
import { Timeline } from '../../segments/index.js';
import { mergedColumns } from './merged-columns.js';
import type { ServedSegment } from './served-segment.js';

/** What is published of one table at one moment: its visible segments and their columns. Immutable. */
export class ServedTable {
  readonly #timeline = new Timeline<ServedSegment>();
  readonly schema: TableSchema;

  constructor(readonly segments: readonly ServedSegment[]) {
    for (const segment of segments) {
      const { id, shardSpec } = segment.stored;
      this.#timeline.add({ id, shardSpec, payload: segment });
    }
    const newestFirst = [...segments].sort((a, b) => compareAge(b, a));
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

  /** The intervals of the chunks, of newer versions first: where they overlap, the first one is visible. */
  chunkIntervals(): Interval[] {
    const chunks = new Map<string, Interval>();
    for (const { stored } of [...this.segments].sort((a, b) => compareAge(b, a))) {
      const { interval } = stored.id;
      const key = `${interval.startMs}/${interval.endMs}`;
      if (!chunks.has(key)) chunks.set(key, interval);
    }
    return [...chunks.values()];
  }
}

/** The newest segment is the one of the highest version, then of the latest interval. */
function compareAge(a: ServedSegment, b: ServedSegment): number {
  const [left, right] = [a.stored.id, b.stored.id];
  if (left.version !== right.version) return left.version < right.version ? -1 : 1;
  return left.interval.startMs - right.interval.startMs || left.partitionNum - right.partitionNum;
}
