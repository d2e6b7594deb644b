import type { JsonObject } from '../../core/index.js';
import type { TaskRecord } from '../../ingest/index.js';

/** What looks after a table and submits tasks for it, as an operator has posted it. */
export interface Supervisor {
  readonly id: string;
  readonly type: string;
  readonly dataSource: string;
  /** What it reads: a topic, say; empty where that is the table itself. */
  readonly source: string;
  /** It submits nothing until it is resumed. */
  readonly isSuspended: boolean;
  /** Druid's JSON, with every default filled in. */
  readonly json: JsonObject;
  /** Whether it has submitted this task. */
  readonly owns: (task: TaskRecord) => boolean;
}
