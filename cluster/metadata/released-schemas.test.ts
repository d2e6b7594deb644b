import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, expect, test } from 'vitest';
import { ManualClock } from '../../core/index.js';
import { temporaryDirectory } from '../../core/testing.js';
import { chunkSegment, days, publishOf } from '../testing.js';
import { MetadataStore } from './metadata-store.js';
import { payloadText } from './stored-segment.js';

const directory = temporaryDirectory('schemas', afterAll);
const clock = new ManualClock(0);

/** What the first release wrote, word for word. */
const FIRST = [
  'CREATE TABLE process_lock (held INTEGER)',
  'CREATE TABLE migrations (id INTEGER PRIMARY KEY, applied_ms REAL NOT NULL)',
  'CREATE TABLE "segments" ("seq" integer primary key autoincrement, "id" text not null unique, "data_source" text not null, "start_ms" real not null, "end_ms" real not null, "version" text not null, "partition_num" integer not null, "partitions" integer not null, "used" integer not null, "task_id" text not null, "created_ms" real not null, "payload" text not null)',
  'CREATE INDEX "segments_by_table" on "segments" ("data_source", "used", "start_ms")',
  'CREATE INDEX "segments_by_task" on "segments" ("task_id")',
  'CREATE TABLE "data_sources" ("name" text primary key, "last_version_ms" real not null)',
  'CREATE TABLE "tasks" ("id" text primary key, "data_source" text not null, "type" text not null, "status" text not null, "created_ms" real not null, "duration_ms" real not null, "error_msg" text, "payload" text not null, "report" text)',
  'CREATE INDEX "tasks_by_time" on "tasks" ("created_ms")',
  'INSERT INTO migrations VALUES (1, 0)',
];

/** What releases until the fourth schema added. */
const FOURTH = [
  ...FIRST,
  'CREATE TABLE "publishes" ("task_id" text primary key, "created_ms" real not null)',
  'CREATE TABLE "push_tables" ("name" text primary key, "position" bigint not null, "previous_position" bigint)',
  'CREATE TABLE "push_specs" ("name" text not null, "version" integer not null, "spec" text not null, "created_ms" real not null, constraint "push_specs_key" primary key ("name", "version"))',
  'ALTER TABLE "segments" ADD COLUMN "used_changed_ms" real',
  'ALTER TABLE "segments" ADD COLUMN "tombstone" integer default 0 not null',
  'ALTER TABLE "segments" ADD COLUMN "compaction_state" text',
  'CREATE TABLE "spent_partitions" ("data_source" text not null, "start_ms" real not null, "end_ms" real not null, "version" text not null, "next_partition" integer not null, constraint "spent_key" primary key ("data_source", "start_ms", "end_ms", "version"))',
  'CREATE TABLE "settings" ("type" text not null, "name" text not null, "payload" text not null, constraint "settings_key" primary key ("type", "name"))',
  'CREATE TABLE "audit" ("seq" integer primary key autoincrement, "type" text not null, "name" text not null, "author" text not null, "comment" text not null, "ip" text not null, "created_ms" real not null, "payload" text)',
  'CREATE INDEX "audit_by_name" on "audit" ("type", "name", "created_ms")',
  'INSERT INTO migrations VALUES (2, 0), (3, 0), (4, 0)',
];

const ID = 't_1970-01-01T00:00:00.000Z_1970-01-02T00:00:00.000Z_2024-01-01T00:00:00.000Z';
const { sealed } = chunkSegment(days(0, 1), 'f');
const PAYLOAD = payloadText(sealed, { type: 'numbered', partitionNum: 0, partitions: 1 });
const SEGMENT = `INSERT INTO segments (id, data_source, start_ms, end_ms, version, partition_num, partitions, used, task_id, created_ms, payload)
  VALUES ('${ID}', 't', 0, 86400000, '2024-01-01T00:00:00.000Z', 0, 1, 1, 'a', 0, '${PAYLOAD}')`;

function write(name: string, statements: readonly string[]): string {
  const path = join(directory, name);
  const database = new Database(path);
  for (const statement of statements) database.exec(statement);
  database.close();
  return path;
}

const tablesOf = (path: string): unknown => {
  const database = new Database(path);
  const tables = database.prepare(
    "SELECT m.name AS t, c.name, c.type, c.pk FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1, 2",
  );
  const rows = tables.all();
  database.close();
  return rows;
};

test('a data directory of the first release is read, and knows what its tasks have published', async () => {
  const path = write('first.db', [...FIRST, SEGMENT]);
  const store = await MetadataStore.open({ type: 'sqlite', path }, clock);
  expect((await store.segments.used('t')).map((each) => each.sealed)).toEqual([sealed]);
  expect(await store.segments.hasPublished('a')).toBe(true);
  expect(await store.segments.hasPublished('b')).toBe(false);
  expect(await store.pushTables.ofLog('local').tables()).toEqual([]);
  expect(await store.changes.changedSince(new Map())).toEqual(new Map([['t', 1]]));
  await store.close();
});

test('a data directory of the fourth schema keeps its push tables, in the log of a server that is alone', async () => {
  const path = write('fourth.db', [
    ...FOURTH,
    SEGMENT,
    `INSERT INTO push_tables VALUES ('u', ${Number.MAX_SAFE_INTEGER}, 5), ('v', 0, NULL)`,
    `INSERT INTO push_specs VALUES ('u', 1, '{"a":1}', 0), ('u', 2, '{"a":2}', 0), ('v', 1, '{}', 0)`,
  ]);
  const store = await MetadataStore.open({ type: 'sqlite', path }, clock);
  const catalog = store.pushTables.ofLog('local');
  expect(await catalog.tables()).toEqual([
    { name: 'u', versions: [{ a: 1 }, { a: 2 }], position: Number.MAX_SAFE_INTEGER },
    { name: 'v', versions: [{}], position: 0 },
  ]);
  expect((await store.pushTables.logs()).map(({ log }) => log)).toEqual(['local', 'local']);
  await catalog.publish({ table: 'u', from: 5, to: Number.MAX_SAFE_INTEGER, segments: new Map() });
  await catalog.publish({ table: 'v', from: 0, to: 4, segments: new Map() });
  expect([...(await store.changes.changedSince(new Map())).keys()]).toEqual(['t', 'u', 'v']);
  const request = publishOf('b', 'append', [chunkSegment(days(0, 1), 'g')]);
  expect((await store.segments.publish(request))[0]!.partitionNum).toBe(1);
  await store.close();
});

/** What the sixth schema and those after it added, undone. */
const WITHOUT_SIXTH = [
  'DROP TABLE push_logs',
  'DROP TABLE object_writes',
  'DROP INDEX segments_by_object',
  'ALTER TABLE segments DROP COLUMN object_key',
  'DELETE FROM migrations WHERE id >= 6',
];

test('metadata of the fifth schema keep the objects that their segments name', async () => {
  const path = join(directory, 'fifth.db');
  const open = () => MetadataStore.open({ type: 'sqlite', path }, clock);
  await (await open()).close();
  const fresh = tablesOf(path);
  const deep = { key: 'segments/t/1.varvepack', sizeBytes: 1, sha256: 'f' };
  const payload = payloadText(
    { ...sealed, path: '', deep },
    { type: 'numbered', partitionNum: 0, partitions: 1 },
  );
  write('fifth.db', [...WITHOUT_SIXTH, SEGMENT.replace(PAYLOAD, payload)]);
  expect(tablesOf(path)).not.toEqual(fresh);
  const store = await open();
  expect((await store.segments.used('t')).map((each) => each.sealed.deep)).toEqual([deep]);
  const states = await store.objects.states([deep.key, 'segments/t/2.varvepack']);
  expect(states).toEqual(new Map([[deep.key, 'named']]));
  await store.close();
  expect(tablesOf(path)).toEqual(fresh);
});

test('old and new data directories have the same tables', async () => {
  const paths = [write('old.db', FIRST), write('newer.db', FOURTH), join(directory, 'new.db')];
  for (const path of paths) {
    await (await MetadataStore.open({ type: 'sqlite', path }, clock)).close();
  }
  const [old, newer, fresh] = paths.map(tablesOf);
  expect(old).toEqual(fresh);
  expect(newer).toEqual(fresh);
});
