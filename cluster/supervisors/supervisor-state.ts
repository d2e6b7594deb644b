import type { TaskRecord } from '../../ingest/index.js';
import type { Supervisor } from './supervisor.js';

/** How a supervisor fares. */
export interface SupervisorState {
  readonly state: 'RUNNING' | 'SUSPENDED' | 'UNHEALTHY_TASKS';
  readonly isHealthy: boolean;
  /** The last tasks of it that failed, newest first. */
  readonly failed: readonly TaskRecord[];
}

/** So many tasks that failed one after the other make it unhealthy. */
const UNHEALTHY_AFTER = 3;
const FAILED_SHOWN = 3;

/** What the tasks that are remembered, newest first, say of a supervisor. Pure. */
export function supervisorState(
  { isSuspended, owns }: Supervisor,
  tasks: readonly TaskRecord[],
): SupervisorState {
  const ended = tasks.filter((task) => task.status !== 'RUNNING' && owns(task));
  const last = ended.slice(0, UNHEALTHY_AFTER);
  const isHealthy =
    last.length < UNHEALTHY_AFTER || last.some(({ status }) => status === 'SUCCESS');
  const failed = ended.filter(({ status }) => status === 'FAILED').slice(0, FAILED_SHOWN);
  const state = isSuspended ? 'SUSPENDED' : isHealthy ? 'RUNNING' : 'UNHEALTHY_TASKS';
  return { state, isHealthy: isSuspended || isHealthy, failed };
}
