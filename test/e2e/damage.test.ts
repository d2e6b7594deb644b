import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** A flipped bit in a stored segment is an error that names file and column, never an answer. */
const dataDir = temporaryDirectory('damage');
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const ROWS = 500;
const spec = {
  type: 'index_parallel',
  spec: {
    dataSchema: {
      dataSource: 'events',
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
};

function segmentFiles(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) return segmentFiles(path);
    return name.endsWith('.varve') ? [path] : [];
  });
}

const QUERY = {
  query: 'SELECT "user", SUM(n), MIN(__time) FROM events GROUP BY "user" ORDER BY 1',
};

test('a flipped bit gives a typed error that names file and column', async () => {
  const first = await ServerProcess.start({ dataDir });
  expect(await first.finished(await first.submit(spec))).toBe('SUCCESS');
  const answer = await first.post('/druid/v2/sql', QUERY);
  expect(answer.status).toBe(200);
  await first.stop();

  const [file] = segmentFiles(dataDir) as [string];
  const sound = readFileSync(file);
  let refusals = 0;
  for (let i = 1; i <= 12; i++) {
    const damaged = Buffer.from(sound);
    const at = Math.floor((sound.length * i) / 13);
    damaged[at] = damaged[at]! ^ (1 << (i % 8));
    writeFileSync(file, damaged);
    const server = await ServerProcess.start({ dataDir });
    const { status, json } = await server.post('/druid/v2/sql', QUERY);
    await server.stop();
    if (status === 200) {
      expect(json, `byte ${at}`).toEqual(answer.json); // padding, or a column that was not asked for
    } else {
      refusals++;
      expect(JSON.stringify(json)).toContain(file);
      expect([500, 503]).toContain(status);
    }
  }
  expect(refusals).toBeGreaterThan(4);

  writeFileSync(file, sound);
  const healed = await ServerProcess.start({ dataDir });
  expect((await healed.post('/druid/v2/sql', QUERY)).json).toEqual(answer.json);
  await healed.stop();
}, 60_000);
