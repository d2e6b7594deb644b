import type { MetadataStore } from '../../cluster/index.js';
import type { TaskStore } from '../../ingest/index.js';

/** The tasks of a cluster: anybody may read them, who leads changes them. */
export const leaderTasks = (
  store: MetadataStore,
  asLeader: () => Pick<MetadataStore, 'tasks'>,
): TaskStore => ({
  insert: (task, payload) => asLeader().tasks.insert(task, payload),
  update: (task) => asLeader().tasks.update(task),
  saveReport: (id, report) => asLeader().tasks.saveReport(id, report),
  get: (id) => store.tasks.get(id),
  payload: (id) => store.tasks.payload(id),
  report: (id) => store.tasks.report(id),
  list: () => store.tasks.list(),
});
