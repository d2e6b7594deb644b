import { type Kysely, sql } from 'kysely';
import type { ColumnTypes } from './column-types.js';
import { LOCAL_LOG } from './push-log-name.js';
import type { MetadataTables } from './schema.js';

type Migration = (db: Kysely<MetadataTables>, types: ColumnTypes) => Promise<void>;

/** In order, each applied once and recorded. A released migration is never edited: what it does to SQLite stays the same. */
export const MIGRATIONS: readonly Migration[] = [
  async (db, { text, time, sequence }) => {
    await db.schema
      .createTable('segments')
      .addColumn('seq', ...sequence)
      .addColumn('id', text, (c) => c.notNull().unique())
      .addColumn('data_source', text, (c) => c.notNull())
      .addColumn('start_ms', time, (c) => c.notNull())
      .addColumn('end_ms', time, (c) => c.notNull())
      .addColumn('version', text, (c) => c.notNull())
      .addColumn('partition_num', 'integer', (c) => c.notNull())
      .addColumn('partitions', 'integer', (c) => c.notNull())
      .addColumn('used', 'integer', (c) => c.notNull())
      .addColumn('task_id', text, (c) => c.notNull())
      .addColumn('created_ms', time, (c) => c.notNull())
      .addColumn('payload', text, (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('segments_by_table')
      .on('segments')
      .columns(['data_source', 'used', 'start_ms'])
      .execute();
    await db.schema.createIndex('segments_by_task').on('segments').column('task_id').execute();
    await db.schema
      .createTable('data_sources')
      .addColumn('name', text, (c) => c.primaryKey())
      .addColumn('last_version_ms', time, (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('tasks')
      .addColumn('id', text, (c) => c.primaryKey())
      .addColumn('data_source', text, (c) => c.notNull())
      .addColumn('type', text, (c) => c.notNull())
      .addColumn('status', text, (c) => c.notNull())
      .addColumn('created_ms', time, (c) => c.notNull())
      .addColumn('duration_ms', time, (c) => c.notNull())
      .addColumn('error_msg', text)
      .addColumn('payload', text, (c) => c.notNull())
      .addColumn('report', text)
      .execute();
    await db.schema.createIndex('tasks_by_time').on('tasks').column('created_ms').execute();
  },
  async (db, { text, time }) => {
    await db.schema
      .createTable('publishes')
      .addColumn('task_id', text, (c) => c.primaryKey())
      .addColumn('created_ms', time, (c) => c.notNull())
      .execute();
    await sql`INSERT INTO publishes SELECT task_id, MIN(created_ms) FROM segments GROUP BY task_id`.execute(
      db,
    );
  },
  async (db, { text, time }) => {
    await db.schema
      .createTable('push_tables')
      .addColumn('name', text, (c) => c.primaryKey())
      .addColumn('position', 'bigint', (c) => c.notNull())
      .addColumn('previous_position', 'bigint')
      .execute();
    await db.schema
      .createTable('push_specs')
      .addColumn('name', text, (c) => c.notNull())
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('spec', text, (c) => c.notNull())
      .addColumn('created_ms', time, (c) => c.notNull())
      .addPrimaryKeyConstraint('push_specs_key', ['name', 'version'])
      .execute();
  },
  async (db, { text, time, sequence }) => {
    const segments = db.schema.alterTable('segments');
    await segments.addColumn('used_changed_ms', time).execute();
    await segments.addColumn('tombstone', 'integer', (c) => c.notNull().defaultTo(0)).execute();
    await segments.addColumn('compaction_state', text).execute();
    await db.schema
      .createTable('spent_partitions')
      .addColumn('data_source', text, (c) => c.notNull())
      .addColumn('start_ms', time, (c) => c.notNull())
      .addColumn('end_ms', time, (c) => c.notNull())
      .addColumn('version', text, (c) => c.notNull())
      .addColumn('next_partition', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint('spent_key', ['data_source', 'start_ms', 'end_ms', 'version'])
      .execute();
    await db.schema
      .createTable('settings')
      .addColumn('type', text, (c) => c.notNull())
      .addColumn('name', text, (c) => c.notNull())
      .addColumn('payload', text, (c) => c.notNull())
      .addPrimaryKeyConstraint('settings_key', ['type', 'name'])
      .execute();
    await db.schema
      .createTable('audit')
      .addColumn('seq', ...sequence)
      .addColumn('type', text, (c) => c.notNull())
      .addColumn('name', text, (c) => c.notNull())
      .addColumn('author', text, (c) => c.notNull())
      .addColumn('comment', text, (c) => c.notNull())
      .addColumn('ip', text, (c) => c.notNull())
      .addColumn('created_ms', time, (c) => c.notNull())
      .addColumn('payload', text)
      .execute();
    await db.schema
      .createIndex('audit_by_name')
      .on('audit')
      .columns(['type', 'name', 'created_ms'])
      .execute();
  },
  async (db, { text, bytes }) => {
    await db.schema
      .createTable('push_positions')
      .addColumn('name', text, (c) => c.notNull())
      .addColumn('log', text, (c) => c.notNull())
      .addColumn('position', 'bigint', (c) => c.notNull())
      .addColumn('previous_position', 'bigint')
      .addPrimaryKeyConstraint('push_positions_key', ['name', 'log'])
      .execute();
    await sql`INSERT INTO push_positions
      SELECT name, ${sql.lit(LOCAL_LOG)}, position, previous_position FROM push_tables`.execute(db);
    await db.schema.dropTable('push_tables').execute();
    await db.schema
      .createTable('push_owners')
      .addColumn('name', text, (c) => c.primaryKey())
      .addColumn('node', text)
      .addColumn('epoch', 'bigint', (c) => c.notNull())
      .addColumn('state', bytes)
      .execute();
    await db.schema
      .createTable('changes')
      .addColumn('data_source', text, (c) => c.primaryKey())
      .addColumn('counter', 'bigint', (c) => c.notNull())
      .execute();
    await sql`INSERT INTO changes
      SELECT data_source, 1 FROM segments UNION SELECT name, 1 FROM push_specs`.execute(db);
    await db.schema
      .createTable('leases')
      .addColumn('name', text, (c) => c.primaryKey())
      .addColumn('holder', text)
      .addColumn('epoch', 'bigint', (c) => c.notNull())
      .addColumn('beat', 'bigint', (c) => c.notNull())
      // The epoch is part of a key, so that in PostgreSQL who looks at it waits for those that change it, not for beats.
      .addUniqueConstraint('leases_epoch', ['name', 'epoch'])
      .execute();
    await db.schema
      .createTable('nodes')
      .addColumn('name', text, (c) => c.primaryKey())
      .addColumn('incarnation', text, (c) => c.notNull())
      .addColumn('url', text, (c) => c.notNull())
      .addColumn('roles', text, (c) => c.notNull())
      .addColumn('tier', text, (c) => c.notNull())
      .addColumn('priority', 'integer', (c) => c.notNull())
      .addColumn('capacity_bytes', 'bigint', (c) => c.notNull())
      .addColumn('task_slots', 'integer', (c) => c.notNull())
      .addColumn('version', text, (c) => c.notNull())
      .addColumn('protocol', 'integer', (c) => c.notNull())
      .addColumn('beat', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('write_tokens')
      .addColumn('token', text, (c) => c.primaryKey())
      .addColumn('kind', text, (c) => c.notNull())
      .execute();
    await db.schema.alterTable('tasks').addColumn('node', text).execute();
  },
  async (db, { text }) => {
    await db.schema.alterTable('segments').addColumn('object_key', text).execute();
    await db.schema.createIndex('segments_by_object').on('segments').column('object_key').execute();
    await db.schema
      .createTable('object_writes')
      .addColumn('key', text, (c) => c.primaryKey())
      .addColumn('node', text, (c) => c.notNull())
      .addColumn('incarnation', text, (c) => c.notNull())
      .addColumn('task_id', text)
      .execute();
  },
  async (db, { text }) => {
    await db.schema
      .createTable('push_logs')
      .addColumn('log', text, (c) => c.primaryKey())
      .addColumn('log_id', text)
      .addColumn('holder', text)
      .addColumn('epoch', 'bigint', (c) => c.notNull())
      .addColumn('standbys', text, (c) => c.notNull())
      .execute();
  },
];
