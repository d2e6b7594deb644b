import type { JsonObject } from '../../core/index.js';
import { formatInstant } from '../../model/index.js';
import type { TaskRecord } from '../task-store.js';

/** Where a task stands beside its status: waiting for its table, for a slot, running, or done. */
export type RunnerStatus = 'WAITING' | 'PENDING' | 'RUNNING' | 'NONE';

/** Druid's `TaskStatusPlus`. */
export function taskStatusPlus(task: TaskRecord, runner: RunnerStatus): JsonObject {
  return {
    id: task.id,
    groupId: task.id,
    type: task.type,
    createdTime: formatInstant(task.createdMs),
    queueInsertionTime: formatInstant(task.createdMs),
    statusCode: task.status,
    status: task.status,
    runnerStatusCode: runner,
    duration: task.durationMs,
    location: { host: null, port: -1, tlsPort: -1 },
    dataSource: task.dataSource,
    errorMsg: task.errorMsg,
  };
}
