import type { JsonObject } from '../core/index.js';

/** A task as it is remembered across restarts. */
export interface TaskRecord {
  readonly id: string;
  readonly type: string;
  readonly dataSource: string;
  readonly status: 'RUNNING' | 'SUCCESS' | 'FAILED';
  readonly createdMs: number;
  /** -1 while it has not ended. */
  readonly durationMs: number;
  readonly errorMsg: string | null;
}

/** Remembers tasks and their reports. Implemented over the metadata store. */
export interface TaskStore {
  /** Throws when a task of this id is known. */
  insert(task: TaskRecord, payload: JsonObject): Promise<void>;
  /** Saves status, duration and error. */
  update(task: TaskRecord): Promise<void>;
  saveReport(taskId: string, report: JsonObject): Promise<void>;
  get(taskId: string): Promise<TaskRecord | null>;
  payload(taskId: string): Promise<JsonObject | null>;
  report(taskId: string): Promise<JsonObject | null>;
  /** Newest first. */
  list(): Promise<TaskRecord[]>;
}
