import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import Database from 'libsql';
import { afterAll, expect, test } from 'vitest';
import { ManualClock, UnavailableError } from '../../core/index.js';
import { chunkSegment, days, publishOf } from '../testing.js';
import { testClusterMetadata } from './cluster-contract-testing.js';
import { testMetadataStore } from './contract-testing.js';
import { testSegmentMarks } from './marks-contract-testing.js';
import { MetadataStore } from './metadata-store.js';
import { testObjectTable } from './objects-contract-testing.js';
import { testPushLogs } from './push-logs-contract-testing.js';
import { testPushTables } from './push-tables-contract-testing.js';
import { testSharedStores } from './shared-stores-testing.js';
import { openSqlite } from './sqlite-database.js';

const directory = mkdtempSync(join(tmpdir(), 'varve-metadata-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let files = 0;
const freshPath = (): string => join(directory, `${files++}.db`);

testMetadataStore('SQLite in memory', (clock) =>
  MetadataStore.open({ type: 'sqlite', path: ':memory:' }, clock),
);
testMetadataStore('SQLite in a file', (clock) =>
  MetadataStore.open({ type: 'sqlite', path: freshPath() }, clock),
);
testClusterMetadata('SQLite in memory', (clock) =>
  MetadataStore.open({ type: 'sqlite', path: ':memory:' }, clock),
);
testObjectTable('SQLite in memory', async (count) => {
  const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, new ManualClock(0));
  return Array.from({ length: count }, () => store);
});
testPushLogs('SQLite in memory', async (count) => {
  const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, new ManualClock(0));
  return Array.from({ length: count }, () => store);
});
testPushTables('SQLite in memory', (clock) =>
  MetadataStore.open({ type: 'sqlite', path: ':memory:' }, clock),
);
testSegmentMarks('SQLite in memory', (clock) =>
  MetadataStore.open({ type: 'sqlite', path: ':memory:' }, clock),
);

testSharedStores('SQLite, where they are one', async (count) => {
  const place = { type: 'sqlite', path: ':memory:' } as const;
  return Array(count).fill(await MetadataStore.open(place, new ManualClock(0)));
});

const clock = new ManualClock(0);

test('what was published is there after the store was closed and opened', async () => {
  const path = freshPath();
  const first = await MetadataStore.open({ type: 'sqlite', path }, clock);
  const request = publishOf('a', 'append', [chunkSegment(days(0, 1), 'f')]);
  const ids = await first.segments.publish(request);
  await first.close();
  const second = await MetadataStore.open({ type: 'sqlite', path }, clock);
  expect((await second.segments.used()).map(({ id }) => id)).toEqual(ids);
  expect(await second.segments.publish(request)).toEqual(ids);
  await second.close();
});

test('what older releases stored has no shard spec: it is numbered', async () => {
  const path = freshPath();
  const store = await MetadataStore.open({ type: 'sqlite', path }, clock);
  const segments = [chunkSegment(days(0, 1), 'f'), chunkSegment(days(0, 1), 'g')];
  await store.segments.publish(publishOf('a', 'overwrite', segments));
  const written = await store.segments.used();
  await store.close();
  const database = new Database(path);
  database.exec("UPDATE segments SET payload = json_remove(payload, '$.shardSpec')");
  database.close();
  const older = await MetadataStore.open({ type: 'sqlite', path }, clock);
  expect(await older.segments.used()).toEqual(written);
  expect(written[1]!.shardSpec).toEqual({ type: 'numbered', partitionNum: 1, partitions: 2 });
  await older.close();
});

test('a store is held by one process at a time', async () => {
  const path = freshPath();
  const first = await MetadataStore.open({ type: 'sqlite', path }, clock);
  const second = MetadataStore.open({ type: 'sqlite', path }, clock);
  await expect(second).rejects.toBeInstanceOf(UnavailableError);
  await expect(second).rejects.toThrow(/in use by another Varve process/);
  await first.close();
  await (await MetadataStore.open({ type: 'sqlite', path }, clock)).close();
});

test('a commit waits for the disk', async () => {
  const db = openSqlite(freshPath());
  const { rows } = await sql<{ synchronous: number }>`PRAGMA synchronous`.execute(db);
  expect(rows).toEqual([{ synchronous: 2 }]);
  await db.destroy();
});

test('a file that is no database, or one of a newer Varve, is refused', async () => {
  const path = freshPath();
  await (await MetadataStore.open({ type: 'sqlite', path }, clock)).close();
  const database = new Database(path);
  database.exec('INSERT INTO migrations VALUES (1000, 0)');
  database.close();
  await expect(MetadataStore.open({ type: 'sqlite', path }, clock)).rejects.toThrow(
    /schema 1000.*newer Varve/,
  );
  const garbage = freshPath();
  writeFileSync(garbage, 'this is no database at all'.repeat(100));
  for (const bad of [garbage, join(directory, 'no', 'such.db')]) {
    const opening = MetadataStore.open({ type: 'sqlite', path: bad }, clock);
    await expect(opening).rejects.toBeInstanceOf(UnavailableError);
    await expect(opening).rejects.toThrow(`the metadata at ${bad} cannot be opened`);
  }
});
