import type { Updateable } from 'kysely';
import { type JsonObject, parseJson, stringifyJson } from '../../core/index.js';
import type { TaskRecord, TaskStore } from '../../ingest/index.js';
import type { MetadataDatabase } from './database.js';
import type { TaskRow } from './schema.js';

/** The tasks that were submitted, with their last known state and their report. */
export class TaskTable implements TaskStore {
  constructor(private readonly database: MetadataDatabase) {}

  async insert(task: TaskRecord, payload: JsonObject): Promise<void> {
    const row = { ...toRow(task), payload: stringifyJson(payload), report: null, node: null };
    await this.database.write((db) => db.insertInto('tasks').values(row).execute());
  }

  async update(task: TaskRecord): Promise<void> {
    const { status, duration_ms, error_msg } = toRow(task);
    await this.#set(task.id, { status, duration_ms, error_msg });
  }

  async saveReport(taskId: string, report: JsonObject): Promise<void> {
    await this.#set(taskId, { report: stringifyJson(report) });
  }

  /** Remembers which node runs a task; null: none does. */
  async assign(taskId: string, node: string | null): Promise<void> {
    await this.#set(taskId, { node });
  }

  /** The nodes of the tasks that have not ended, by task. */
  async assigned(): Promise<Map<string, string>> {
    const rows = await this.database.read((db) =>
      db.selectFrom('tasks').select(['id', 'node']).where('status', '=', 'RUNNING').execute(),
    );
    return new Map(rows.flatMap(({ id, node }) => (node === null ? [] : [[id, node]])));
  }

  async get(taskId: string): Promise<TaskRecord | null> {
    const row = await this.#row(taskId);
    return row === undefined ? null : fromRow(row);
  }

  async payload(taskId: string): Promise<JsonObject | null> {
    const row = await this.#row(taskId);
    return row === undefined ? null : (parseJson(row.payload) as JsonObject);
  }

  async report(taskId: string): Promise<JsonObject | null> {
    const report = (await this.#row(taskId))?.report ?? null;
    return report === null ? null : (parseJson(report) as JsonObject);
  }

  /** Newest first. */
  async list(): Promise<TaskRecord[]> {
    const rows = await this.database.read((db) =>
      db.selectFrom('tasks').selectAll().orderBy('created_ms', 'desc').orderBy('id').execute(),
    );
    return rows.map(fromRow);
  }

  /** Removes tasks that ended before; gives how many. */
  async removeEnded(beforeMs: number): Promise<number> {
    const { numDeletedRows } = await this.database.write((db) =>
      db
        .deleteFrom('tasks')
        .where('status', '!=', 'RUNNING')
        .where((row) => row(row('created_ms', '+', row.ref('duration_ms')), '<', beforeMs))
        .executeTakeFirstOrThrow(),
    );
    return Number(numDeletedRows);
  }

  #row(taskId: string): Promise<TaskRow | undefined> {
    return this.database.read((db) =>
      db.selectFrom('tasks').selectAll().where('id', '=', taskId).executeTakeFirst(),
    );
  }

  async #set(taskId: string, values: Updateable<TaskRow>): Promise<void> {
    await this.database.write((db) =>
      db.updateTable('tasks').set(values).where('id', '=', taskId).execute(),
    );
  }
}

const toRow = (task: TaskRecord) => ({
  id: task.id,
  data_source: task.dataSource,
  type: task.type,
  status: task.status,
  created_ms: task.createdMs,
  duration_ms: task.durationMs,
  error_msg: task.errorMsg,
});

const fromRow = (row: TaskRow): TaskRecord => ({
  id: row.id,
  dataSource: row.data_source,
  type: row.type,
  status: row.status,
  createdMs: row.created_ms,
  durationMs: row.duration_ms,
  errorMsg: row.error_msg,
});
