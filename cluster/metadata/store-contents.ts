import type { Insertable, Selectable } from 'kysely';
import { Sha256, stringifyJson, utf8Encode } from '../../core/index.js';
import type { Db } from './database.js';
import { LOCAL_LOG } from './push-log-name.js';
import type { MetadataTables, PushPositionRow, SegmentRow, TaskRow } from './schema.js';

/** What a store holds that goes on in another one, row by row. Who leads, which nodes there are and counters stay. */
export interface StoreContents {
  /** In order of publishing. */
  readonly segments: readonly Selectable<SegmentRow>[];
  /** Of the push log of a server that is alone. */
  readonly positions: readonly PushPositionRow[];
  readonly others: OtherRows;
}

/** Rows that go over as they are. */
export type OtherRows = { readonly [T in OtherTable]: readonly Insertable<MetadataTables[T]>[] };

export type OtherTable =
  | 'data_sources'
  | 'spent_partitions'
  | 'publishes'
  | 'push_specs'
  | 'settings'
  | 'audit'
  | 'tasks';

/** Reads all of it in one state. */
export async function readContents(db: Db): Promise<StoreContents> {
  const publishes = await db.selectFrom('publishes').selectAll().orderBy('task_id').execute();
  const published = new Set(publishes.map(({ task_id }) => task_id));
  const tasks = await db.selectFrom('tasks').selectAll().orderBy('id').execute();
  const audit = await db.selectFrom('audit').selectAll().orderBy('seq').execute();
  return {
    segments: await db.selectFrom('segments').selectAll().orderBy('seq').execute(),
    positions: await db
      .selectFrom('push_positions')
      .selectAll()
      .where('log', '=', LOCAL_LOG)
      .orderBy('name')
      .execute(),
    others: {
      data_sources: await db.selectFrom('data_sources').selectAll().orderBy('name').execute(),
      spent_partitions: await db
        .selectFrom('spent_partitions')
        .selectAll()
        .orderBy('data_source')
        .orderBy('start_ms')
        .orderBy('end_ms')
        .orderBy('version')
        .execute(),
      publishes,
      push_specs: await db
        .selectFrom('push_specs')
        .selectAll()
        .orderBy('name')
        .orderBy('version')
        .execute(),
      settings: await db
        .selectFrom('settings')
        .selectAll()
        .where('type', '!=', 'cluster')
        .orderBy('type')
        .orderBy('name')
        .execute(),
      audit: audit.map(({ seq: _, ...row }) => row),
      tasks: tasks.map((task) => ended(task, published)),
    },
  };
}

/** A task that ran when its server ended runs nowhere else: it has published, or it has failed, as the server would have said. */
function ended(task: TaskRow, published: ReadonlySet<string>): TaskRow {
  if (task.status !== 'RUNNING') return task;
  const isDone = published.has(task.id);
  return {
    ...task,
    status: isDone ? 'SUCCESS' : 'FAILED',
    duration_ms: 0,
    error_msg: isDone ? null : 'the server stopped while the task ran; submit it again',
    node: null,
  };
}

/** The data sources of which there is anything. */
export function tablesOf({ segments, positions, others }: StoreContents): string[] {
  const names = new Set([
    ...segments.map(({ data_source }) => data_source),
    ...others.push_specs.map(({ name }) => name),
    ...positions.map(({ name }) => name),
  ]);
  return [...names].sort();
}

/** The same for the same contents, and for no others. */
export function identityOf({ segments, positions, others }: StoreContents): string {
  const hash = new Sha256();
  for (const rows of [segments, positions, ...Object.values(others)]) {
    for (const row of rows) hash.add(utf8Encode(`${stringifyJson(row)}\n`));
    hash.add(utf8Encode('\n'));
  }
  return hash.hex();
}
