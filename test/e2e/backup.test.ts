import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';

const directory = temporaryDirectory('backup');
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const dataDir = join(directory, 'varve-data');
const copyDir = join(directory, 'backup', 'varve-data');

async function push({ url }: ServerProcess, sequence: number): Promise<unknown> {
  const response = await fetch(`${url}/v1/tables/clicks/rows`, {
    method: 'POST',
    headers: { 'x-varve-producer': 'app', 'x-varve-sequence': String(sequence) },
    body: `{"time":"2024-05-01T10:00:00Z","n":${sequence}}`,
  });
  return response.json();
}

const sum = async (server: ServerProcess) =>
  (await server.post('/druid/v2/sql', { query: 'SELECT SUM(n) s FROM clicks' })).json;

/** As docs/backup.md tells it. */
function backUp(): void {
  const run = (...args: string[]) => execFileSync(args[0]!, args.slice(1), { cwd: directory });
  run('mkdir', 'backup');
  run('cp', '-al', 'varve-data', copyDir);
  run('cp', '-a', '--remove-destination', 'varve-data/metadata.db', 'varve-data/push', copyDir);
}

test('a copy with hard links is the server as it was, whatever becomes of the other', async () => {
  let server = await ServerProcess.start({ dataDir });
  await push(server, 1);
  await server.post('/v1/tables/clicks/handoff', {});
  await push(server, 2);
  expect(await server.stop()).toBe(0);
  backUp();
  server = await ServerProcess.start({ dataDir });
  await push(server, 3);
  await server.post('/v1/tables/clicks/handoff', {});
  await server.post('/druid/indexer/v1/task', {
    type: 'compact',
    dataSource: 'clicks',
    ioConfig: { inputSpec: { type: 'interval', interval: '2024/2025' } },
  });
  expect(await sum(server)).toEqual([{ s: 6 }]);
  await server.stop();
  rmSync(dataDir, { recursive: true });

  const restored = await ServerProcess.start({ dataDir: copyDir });
  expect(await sum(restored)).toEqual([{ s: 3 }]);
  expect(await push(restored, 2)).toMatchObject({ duplicate: true });
  expect(await push(restored, 3)).toMatchObject({ duplicate: false });
  expect(await sum(restored)).toEqual([{ s: 6 }]);
  await restored.stop();
}, 240_000);
