import type { JsonObject } from '../../../core/index.js';
import type { Interval } from '../../../model/index.js';
import { compactionState, storesCompactionState } from '../../compaction/compaction-state.js';
import type { SegmentSlice, TableRange } from '../../input/sources/source.js';
import type { PublishBasis, TableReader } from '../../publisher.js';
import { parseTaskSpec } from '../../spec/parse-task-spec.js';
import type { TaskSpec } from '../../spec/task-spec.js';
import { type BatchPlan, batchRun, type StoredTables } from '../batch-run.js';
import type { Task } from '../task.js';

/** Reads rows from somewhere and adds them to a table, or replaces chunks of it. */
export function readIndexTask(json: unknown): Task {
  const spec = parseTaskSpec(json);
  return {
    type: spec.type,
    id: spec.id,
    dataSource: spec.dataSource,
    json: spec.json,
    check(input) {
      for (const { source } of spec.inputs) source.check(input);
    },
    start: (context) =>
      batchRun(spec.json, context, async (reader, tables) => planOf(spec, reader, tables)),
  };
}

function planOf(spec: TaskSpec, reader: TableReader, tables: StoredTables): BatchPlan {
  const ranges = spec.inputs.map(({ source, format }) => (format === null ? source.table : null));
  const visible = ranges.map((range) =>
    range === null ? [] : reader.visibleSegments(range.dataSource, range.interval),
  );
  const chunkIntervals = spec.append ? tables.chunkIntervals(spec.dataSource) : [];
  return {
    spec,
    chunkIntervals,
    slices: visible.map((segments) => segments.map(sliceOf)),
    basis: spec.append
      ? { kind: 'chunks', intervals: chunkIntervals }
      : basisOf(spec.dataSource, ranges, reader),
    isRewrite: false,
    compactionState: storesCompactionState(spec.json) ? stateOf(spec) : null,
  };
}

/** `spec` is there: the task has been checked. */
const stateOf = ({ json }: TaskSpec): JsonObject => compactionState(json.spec as JsonObject);

/** What of the table itself is read; null when nothing is. */
function basisOf(
  dataSource: string,
  ranges: readonly (TableRange | null)[],
  reader: TableReader,
): PublishBasis | null {
  const own = ranges.flatMap((range) => (range?.dataSource === dataSource ? [range.interval] : []));
  const [first, ...more] = own;
  if (first === undefined) return null;
  const interval = more.reduce(hull, first);
  return { kind: 'segments', interval, visible: reader.visibleSegments(dataSource, interval) };
}

const hull = (a: Interval, b: Interval): Interval => ({
  startMs: Math.min(a.startMs, b.startMs),
  endMs: Math.max(a.endMs, b.endMs),
});

/** Nothing but what a worker needs. */
export const sliceOf = ({ path, interval, stored }: SegmentSlice): SegmentSlice =>
  stored === undefined ? { path, interval } : { path, interval, stored };
