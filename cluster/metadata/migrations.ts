import { type Kysely, sql } from 'kysely';
import { UnavailableError } from '../../core/index.js';
import type { MetadataTables } from './schema.js';

type Migration = (db: Kysely<MetadataTables>) => Promise<void>;

/** In order, each applied once and recorded. A released migration is never edited. */
const MIGRATIONS: readonly Migration[] = [
  async (db) => {
    await db.schema
      .createTable('segments')
      .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('id', 'text', (c) => c.notNull().unique())
      .addColumn('data_source', 'text', (c) => c.notNull())
      .addColumn('start_ms', 'real', (c) => c.notNull())
      .addColumn('end_ms', 'real', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('partition_num', 'integer', (c) => c.notNull())
      .addColumn('partitions', 'integer', (c) => c.notNull())
      .addColumn('used', 'integer', (c) => c.notNull())
      .addColumn('task_id', 'text', (c) => c.notNull())
      .addColumn('created_ms', 'real', (c) => c.notNull())
      .addColumn('payload', 'text', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('segments_by_table')
      .on('segments')
      .columns(['data_source', 'used', 'start_ms'])
      .execute();
    await db.schema.createIndex('segments_by_task').on('segments').column('task_id').execute();
    await db.schema
      .createTable('data_sources')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('last_version_ms', 'real', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('tasks')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('data_source', 'text', (c) => c.notNull())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('created_ms', 'real', (c) => c.notNull())
      .addColumn('duration_ms', 'real', (c) => c.notNull())
      .addColumn('error_msg', 'text')
      .addColumn('payload', 'text', (c) => c.notNull())
      .addColumn('report', 'text')
      .execute();
    await db.schema.createIndex('tasks_by_time').on('tasks').column('created_ms').execute();
  },
  async (db) => {
    await db.schema
      .createTable('publishes')
      .addColumn('task_id', 'text', (c) => c.primaryKey())
      .addColumn('created_ms', 'real', (c) => c.notNull())
      .execute();
    await sql`INSERT INTO publishes SELECT task_id, MIN(created_ms) FROM segments GROUP BY task_id`.execute(
      db,
    );
  },
  async (db) => {
    await db.schema
      .createTable('push_tables')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('position', 'bigint', (c) => c.notNull())
      .addColumn('previous_position', 'bigint')
      .execute();
    await db.schema
      .createTable('push_specs')
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('spec', 'text', (c) => c.notNull())
      .addColumn('created_ms', 'real', (c) => c.notNull())
      .addPrimaryKeyConstraint('push_specs_key', ['name', 'version'])
      .execute();
  },
  async (db) => {
    const segments = db.schema.alterTable('segments');
    await segments.addColumn('used_changed_ms', 'real').execute();
    await segments.addColumn('tombstone', 'integer', (c) => c.notNull().defaultTo(0)).execute();
    await segments.addColumn('compaction_state', 'text').execute();
    await db.schema
      .createTable('spent_partitions')
      .addColumn('data_source', 'text', (c) => c.notNull())
      .addColumn('start_ms', 'real', (c) => c.notNull())
      .addColumn('end_ms', 'real', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('next_partition', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint('spent_key', ['data_source', 'start_ms', 'end_ms', 'version'])
      .execute();
    await db.schema
      .createTable('settings')
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('payload', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('settings_key', ['type', 'name'])
      .execute();
    await db.schema
      .createTable('audit')
      .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('author', 'text', (c) => c.notNull())
      .addColumn('comment', 'text', (c) => c.notNull())
      .addColumn('ip', 'text', (c) => c.notNull())
      .addColumn('created_ms', 'real', (c) => c.notNull())
      .addColumn('payload', 'text')
      .execute();
    await db.schema
      .createIndex('audit_by_name')
      .on('audit')
      .columns(['type', 'name', 'created_ms'])
      .execute();
  },
];

/**
 * Brings a store to the newest schema, one transaction a step. Throws UnavailableError when the
 * store was written by a newer Varve.
 */
export async function migrate(db: Kysely<MetadataTables>, nowMs: number): Promise<void> {
  await sql`CREATE TABLE IF NOT EXISTS migrations (id INTEGER PRIMARY KEY, applied_ms REAL NOT NULL)`.execute(
    db,
  );
  const { last } = await db
    .selectFrom('migrations')
    .select(({ fn }) => fn.max('id').as('last'))
    .executeTakeFirstOrThrow();
  const applied = Number(last ?? 0);
  if (applied > MIGRATIONS.length) {
    throw new UnavailableError(
      `the metadata has schema ${applied}, this Varve knows ${MIGRATIONS.length}; use the newer Varve that wrote it`,
    );
  }
  for (const [index, step] of MIGRATIONS.entries()) {
    const id = index + 1;
    if (id <= applied) continue;
    await db.transaction().execute(async (transaction) => {
      await step(transaction);
      await transaction.insertInto('migrations').values({ id, applied_ms: nowMs }).execute();
    });
  }
}
