import type { SegmentSlice } from '../../input/sources/source.js';
import { parseTaskSpec } from '../../spec/parse-task-spec.js';
import type { TaskSpec } from '../../spec/task-spec.js';
import type { BatchPlan, StoredTables, Task } from '../task.js';

/** Reads rows from somewhere and adds them to a table, or replaces chunks of it. */
export function readIndexTask(json: unknown): Task {
  const spec = parseTaskSpec(json);
  return {
    type: spec.type,
    id: spec.id,
    dataSource: spec.dataSource,
    json: spec.json,
    check: (input) => spec.input.source.check(input),
    plan: (tables) => planOf(spec, tables),
  };
}

function planOf(spec: TaskSpec, tables: StoredTables): BatchPlan {
  const { source, format } = spec.input;
  const input = format === null ? source.table : null;
  const visible = input === null ? [] : tables.visibleSegments(input.dataSource, input.interval);
  const chunkIntervals = spec.append ? tables.chunkIntervals(spec.dataSource) : [];
  const plan = { spec, chunkIntervals, slices: visible.map(sliceOf) };
  if (spec.append) return { ...plan, basis: { kind: 'chunks', intervals: chunkIntervals } };
  if (input?.dataSource !== spec.dataSource) return { ...plan, basis: null };
  return { ...plan, basis: { kind: 'segments', interval: input.interval, visible } };
}

/** Nothing but what a worker needs. */
const sliceOf = ({ path, interval }: SegmentSlice): SegmentSlice => ({ path, interval });
