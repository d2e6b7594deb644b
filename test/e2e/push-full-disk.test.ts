import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statfsSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { declare, lines, push } from '../support/push.js';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** On a disk that is full, pushes are refused and queries go on; when there is space again, so do pushes. */
const directory = temporaryDirectory('full-disk');

function mountSmallDisk(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', directory], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

const isMounted = mountSmallDisk();
let server: ServerProcess | undefined;
afterAll(async () => {
  await server?.kill();
  if (isMounted) execFileSync('umount', ['-l', directory]);
  rmSync(directory, { recursive: true, force: true });
});

const SPEC = {
  timestampSpec: { column: 'at', format: 'millis' },
  dimensionsSpec: { dimensions: [{ type: 'long', name: 'n' }] },
  granularitySpec: { segmentGranularity: 'DAY', rollup: false },
};

/** Takes all space that there is; gives it back when called. */
function fillDisk(): () => void {
  const path = join(directory, 'ballast');
  const file = openSync(path, 'w');
  for (let size = 2 ** 20; size >= 1; ) {
    try {
      if (writeSync(file, Buffer.alloc(size)) < size) size = Math.floor(size / 2);
    } catch {
      size = Math.floor(size / 2);
    }
  }
  closeSync(file);
  expect(statfsSync(directory).bavail).toBe(0);
  return () => unlinkSync(path);
}

/** Larger than what is left of a file's last block. */
const batch = (number: number) =>
  lines(Array.from({ length: 1_000 }, (_, i) => ({ at: number, n: 1_000 * number + i })));

const sendBatch = (number: number) =>
  push(server!, 'events', batch(number), {
    'x-varve-producer': 'me',
    'x-varve-sequence': String(number),
  });

const count = async () => (await server!.sql('SELECT COUNT(*), SUM(n) FROM events'))[0];
const sumBelow = (rows: number) => (rows * (rows - 1)) / 2;

test.skipIf(!isMounted)(
  `a full disk stops pushes, not queries${isMounted ? '' : ' (skipped: no file system can be mounted here)'}`,
  async () => {
    const dataDir = join(directory, 'data');
    server = await ServerProcess.start({ dataDir, flags: ['--log-level', 'error'] });
    await declare(server, 'events', SPEC);
    expect((await sendBatch(0)).status).toBe(200);

    const giveBack = fillDisk();
    for (let i = 0; i < 3; i++) {
      const reply = await sendBatch(1);
      expect(reply.status).toBe(503);
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(reply.json.errorMessage).toMatch(/nothing of this batch is stored/);
      expect(await count()).toEqual([1_000, sumBelow(1_000)]);
    }
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain(
      'varve_ingest_blocked 1\n',
    );
    expect((await server.post('/v1/tables/events/handoff', {})).status).toBe(503);
    expect((await push(server, 'new', lines([{ timestamp: 0 }]))).status).toBe(503);
    expect(await count()).toEqual([1_000, sumBelow(1_000)]);

    await server.kill();
    server = await ServerProcess.start({ dataDir });
    expect(await count()).toEqual([1_000, sumBelow(1_000)]);
    expect((await sendBatch(1)).status).toBe(503);

    giveBack();
    expect((await push(server, 'new', lines([{ timestamp: 0 }]))).status).toBe(200);
    expect(await sendBatch(1)).toMatchObject({
      status: 200,
      json: { stored: 1_000, duplicate: false },
    });
    expect(await count()).toEqual([2_000, sumBelow(2_000)]);
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain(
      'varve_ingest_blocked 0\n',
    );
    expect((await server.post('/v1/tables/events/handoff', {})).status).toBe(200);
    await server.kill();
    server = await ServerProcess.start({ dataDir });
    expect((await sendBatch(1)).json).toMatchObject({ duplicate: true });
    expect(await count()).toEqual([2_000, sumBelow(2_000)]);
  },
  60_000,
);
