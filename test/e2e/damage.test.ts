import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** A flipped bit in a stored segment is an error that names file and column, never an answer. */
const dataDir = temporaryDirectory('damage');
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const ROWS = 500;
const specOf = (dataSource: string) => ({
  type: 'index_parallel',
  spec: {
    dataSchema: {
      dataSource,
      timestampSpec: { column: 't', format: 'millis' },
      dimensionsSpec: { dimensions: ['user', { type: 'long', name: 'n' }] },
      granularitySpec: { segmentGranularity: 'DAY', rollup: false },
    },
    ioConfig: {
      type: 'index_parallel',
      inputSource: {
        type: 'inline',
        data: Array.from(
          { length: ROWS },
          (_, i) => `{"t":${i * 1000},"user":"user ${i % 37}","n":${i * i}}`,
        ).join('\n'),
      },
      inputFormat: { type: 'json' },
    },
  },
});

function segmentFiles(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) return segmentFiles(path);
    return name.endsWith('.varve') ? [path] : [];
  });
}

/** Tables of the same rows, each in a file of its own: one start of a server meets all damage. */
const TABLES = Array.from({ length: 12 }, (_, i) => `events${i}`);

const ask = (server: ServerProcess, table: string) =>
  server.post('/druid/v2/sql', {
    query: `SELECT "user", SUM(n), MIN(__time) FROM ${table} GROUP BY "user" ORDER BY 1`,
  });

test('a flipped bit gives a typed error that names file and column', async () => {
  const first = await ServerProcess.start({ dataDir });
  const tasks = await Promise.all(TABLES.map((table) => first.submit(specOf(table))));
  for (const task of tasks) expect(await first.finished(task)).toBe('SUCCESS');
  const answer = await ask(first, TABLES[0]!);
  expect(answer.status).toBe(200);
  await first.stop();

  const files = TABLES.map((table, i) => {
    const [path] = segmentFiles(join(dataDir, 'segments', table)) as [string];
    const sound = readFileSync(path);
    const damaged = Buffer.from(sound);
    const at = Math.floor((sound.length * (i + 1)) / (TABLES.length + 1));
    damaged[at] = damaged[at]! ^ (1 << (i % 8));
    writeFileSync(path, damaged);
    return { path, sound, at };
  });
  const server = await ServerProcess.start({ dataDir });
  let refusals = 0;
  for (const [i, { path, at }] of files.entries()) {
    const { status, json } = await ask(server, TABLES[i]!);
    if (status === 200) {
      expect(json, `byte ${at}`).toEqual(answer.json); // padding, or a column that was not asked for
    } else {
      refusals++;
      expect(JSON.stringify(json)).toContain(path);
      expect([500, 503]).toContain(status);
    }
  }
  await server.stop();
  expect(refusals).toBeGreaterThan(4);

  for (const { path, sound } of files) writeFileSync(path, sound);
  const healed = await ServerProcess.start({ dataDir });
  for (const table of TABLES) expect((await ask(healed, table)).json).toEqual(answer.json);
  await healed.stop();
});
