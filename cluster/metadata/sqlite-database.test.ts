import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ManualClock, UnavailableError } from '../../core/index.js';
import { chunkSegment, days, publishOf } from '../testing.js';
import { MetadataStore } from './metadata-store.js';

const directory = mkdtempSync(join(tmpdir(), 'varve-lock-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const clock = new ManualClock(0);
const LIBSQL = JSON.stringify(createRequire(import.meta.url).resolve('libsql'));

/** A program of another process: opens the database at its argument and runs `statements` on it. */
const program = (path: string, statements: string): string[] => [
  '-e',
  `const Database = require(${LIBSQL});
   const database = new Database(${JSON.stringify(path)});
   ${statements}`,
];

/** What another process is told that runs a statement: 'fine', or the error. */
const fromOutside = (path: string, statement: string): string =>
  execFileSync(
    process.execPath,
    program(
      path,
      `database.exec('PRAGMA busy_timeout = 0');
       try { database.exec(${JSON.stringify(statement)}); console.log('fine'); }
       catch (error) { console.log(error.message); }`,
    ),
    { encoding: 'utf8' },
  ).trim();

test.each(['SELECT * FROM segments', 'DELETE FROM segments'])(
  'while a store is open no other process may: %s',
  async (statement) => {
    const path = join(directory, `${statement.slice(0, 6)}.db`);
    const store = await MetadataStore.open({ type: 'sqlite', path }, clock);
    const request = publishOf('a', 'append', [chunkSegment(days(0, 1), 'f')]);
    await store.segments.publish(request);
    expect(fromOutside(path, statement)).toMatch(/locked/);
    expect((await store.segments.used()).length).toBe(1);
    await store.close();
    expect(fromOutside(path, statement)).toBe('fine');
  },
);

test('a store that another process holds is refused, until that one is killed', async () => {
  const path = join(directory, 'held.db');
  const store = await MetadataStore.open({ type: 'sqlite', path }, clock);
  await store.segments.publish(publishOf('a', 'append', [chunkSegment(days(0, 1), 'f')]));
  await store.close();
  const holder = spawn(
    process.execPath,
    program(
      path,
      `database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;');
       database.exec("BEGIN; DELETE FROM segments");
       console.log('held');
       setInterval(() => database.name, 1000);`,
    ),
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    expect(String((await once(holder.stdout, 'data'))[0])).toContain('held');
    const opening = MetadataStore.open({ type: 'sqlite', path }, clock);
    await expect(opening).rejects.toBeInstanceOf(UnavailableError);
    await expect(opening).rejects.toThrow(`${path} is in use by another Varve process`);
  } finally {
    holder.kill('SIGKILL');
  }
  await once(holder, 'exit');
  const again = await MetadataStore.open({ type: 'sqlite', path }, clock);
  expect((await again.segments.used()).map(({ sealed }) => sealed.path)).toEqual(['f']);
  await again.close();
});
