import type { VisibleSegment } from '../../ingest/index.js';
import type { Interval } from '../../model/index.js';
import type { ColumnSchema, TablePart, TableSchema } from '../../query/index.js';
import { Timeline } from '../../segments/index.js';
import type { ServedSegment } from './served-segment.js';

/** One table at one moment: its visible segments and its columns. Immutable. */
export class ServedTable {
  readonly #timeline = new Timeline<ServedSegment>();
  readonly schema: TableSchema;

  constructor(readonly segments: readonly ServedSegment[]) {
    for (const segment of segments) {
      const { id, shardSpec } = segment.stored;
      this.#timeline.add({ id, shardSpec, payload: segment });
    }
    this.schema = { columns: mergedColumns(segments) };
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

/**
 * The columns of all segments: `__time`, dimensions, then metrics, in the order of the newest
 * segment that has them, each with its newest type. The newest is the one of the highest version,
 * then of the latest interval.
 */
function mergedColumns(segments: readonly ServedSegment[]): ColumnSchema[] {
  const newestFirst = [...segments].sort((a, b) => compareAge(b, a));
  const merged = new Map<string, ColumnSchema>();
  for (const { stored } of newestFirst) {
    for (const { name, type, multiValue, role } of stored.sealed.columns) {
      const known = merged.get(name);
      if (known === undefined) merged.set(name, { name, type, multiValue, role });
      else if (multiValue && !known.multiValue) merged.set(name, { ...known, multiValue });
    }
  }
  const rank = { time: 0, dimension: 1, metric: 2 };
  return [...merged.values()].sort((a, b) => rank[a.role] - rank[b.role]);
}

function compareAge(a: ServedSegment, b: ServedSegment): number {
  const [left, right] = [a.stored.id, b.stored.id];
  if (left.version !== right.version) return left.version < right.version ? -1 : 1;
  return left.interval.startMs - right.interval.startMs || left.partitionNum - right.partitionNum;
}
