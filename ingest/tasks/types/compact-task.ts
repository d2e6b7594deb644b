import type { JsonObject } from '../../../core/index.js';
import { type CompactSpec, parseCompactSpec } from '../../compaction/compact-spec.js';
import { compactionState, storesCompactionState } from '../../compaction/compaction-state.js';
import { describeSegments } from '../../compaction/described-segment.js';
import { indexSpec } from '../../compaction/index-spec.js';
import { inputOf } from '../../compaction/input.js';
import { keptTrees } from '../../compaction/kept-trees.js';
import type { TableReader } from '../../publisher.js';
import { parseTaskSpec } from '../../spec/parse-task-spec.js';
import { type BatchPlan, batchRun, type StoredTables } from '../batch-run.js';
import type { Task } from '../task.js';
import { sliceOf } from './index-task.js';

/** Reads chunks of a table and writes them again: fewer segments, other granularities or columns. */
export function readCompactTask(json: unknown): Task {
  const spec = parseCompactSpec(json);
  return {
    type: 'compact',
    id: spec.id,
    dataSource: spec.dataSource,
    json: spec.json,
    check: () => undefined,
    start: (context) =>
      batchRun(spec.json, context, (reader, tables) =>
        planOf(spec, reader, tables, context.signal),
      ),
  };
}

/** It is an `index_parallel` task that reads the table it writes. */
async function planOf(
  spec: CompactSpec,
  reader: TableReader,
  tables: StoredTables,
  signal: AbortSignal,
): Promise<BatchPlan> {
  const { interval, segments: visible, chunkIntervals } = inputOf(spec, reader);
  const segments = await describeSegments(visible, signal);
  const rows = parseTaskSpec(indexSpec(spec, interval, segments));
  const declared = tables.declaredStarTrees(spec.dataSource);
  const starTrees = keptTrees(spec, declared, segments, rows);
  const task = indexSpec(spec, interval, segments, starTrees);
  return {
    spec: parseTaskSpec(task),
    chunkIntervals,
    slices: [visible.map(sliceOf)],
    basis: { kind: 'segments', interval, visible },
    isRewrite: true,
    compactionState: storesCompactionState(spec.json) ? stateOf(spec, task.spec) : null,
  };
}

/** Where the chunks stayed as they were, no granularity of theirs is remembered. */
function stateOf({ segmentGranularity }: CompactSpec, spec: JsonObject): JsonObject {
  const state = compactionState(spec);
  return {
    ...state,
    granularitySpec: {
      ...(state.granularitySpec as JsonObject),
      segmentGranularity: segmentGranularity?.spec ?? null,
    },
  };
}
