import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CancelledError, UserError } from '../../core/index.js';
import { parseTaskSpec } from '../spec/parse-task-spec.js';
import type { BatchJob } from './batch-job.js';
import type { Progress } from './progress.js';
import { BatchThreads } from './worker-runner.js';

let root = '';
let host = '';
/** Answers no request, for ever. */
const silent = createServer(() => undefined);

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'varve-worker-'));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
});

afterAll(() => {
  silent.closeAllConnections();
  silent.close();
  rmSync(root, { recursive: true, force: true });
});

const settings = () => ({
  localRoots: [],
  httpHosts: [host],
  maxEntityBytes: 1 << 20,
  segmentsDir: join(root, 'segments'),
  temporaryDir: join(root, 'tmp'),
  memoryBytes: 1 << 26,
});

const runner = () => new BatchThreads(settings()).run;

function jobOf(
  inputSource: object,
  tuningConfig: object = {},
  inputFormat: object = { type: 'json' },
): BatchJob {
  const spec = parseTaskSpec({
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: 'wiki',
        timestampSpec: { column: 'ts' },
        dimensionsSpec: { dimensions: ['page'] },
        granularitySpec: { segmentGranularity: 'day', rollup: false },
      },
      ioConfig: { type: 'index_parallel', inputSource, inputFormat },
      tuningConfig: { type: 'index_parallel', ...tuningConfig },
    },
  });
  const { signal } = new AbortController();
  return { taskId: 't', spec, chunkIntervals: [], slices: [], signal, onProgress: () => undefined };
}

const inline = (data: string): object => ({ type: 'inline', data });

test('a job in a thread gives segments and tells its progress', async () => {
  const told: Progress[] = [];
  const job = jobOf(inline('{"ts":0,"page":"a"}\n{"ts":86400000,"page":"b"}\n'));
  const result = await runner()({ ...job, onProgress: (progress) => told.push(progress) });
  expect(result.stats).toMatchObject({ processed: 2, unparseable: 0 });
  const names = result.segments.map(({ sealed }) => sealed.path.split('/').at(-1)!);
  expect(readdirSync(join(root, 'segments', 'wiki')).sort()).toEqual(names.sort());
  expect(told.at(-1)).toMatchObject({ phase: 'MERGE', stats: result.stats });
});

test('an error comes back as it was thrown', async () => {
  const job = jobOf(inline('{"ts":"no","page":"a"}\n'), { maxParseExceptions: 0 });
  const failure = await runner()(job).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UserError);
  expect(failure).toMatchObject({ kind: 'spec', field: 'tuningConfig.maxParseExceptions' });
});

test('an abort ends a job whose source never answers', async () => {
  const abort = new AbortController();
  const reason = new CancelledError('Shutdown request from user');
  const asked = new Promise((resolve) => silent.once('request', resolve));
  const job = jobOf({ type: 'http', uris: [`http://${host}/data.json`] });
  const running = runner()({ ...job, signal: abort.signal });
  await asked;
  abort.abort(reason);
  await expect(running).rejects.toEqual(reason);
  await expect(runner()({ ...job, signal: abort.signal })).rejects.toBe(reason);
});

test('an abort ends a job that is busy with one record for ever', async () => {
  const abort = new AbortController();
  const reason = new CancelledError('Shutdown request from user');
  const inputFormat = { type: 'regex', pattern: '(a+)+b', columns: ['ts'] };
  const job = jobOf(inline(`{}\n${'a'.repeat(60)}\n`), {}, inputFormat);
  const stuck = new BatchThreads(settings(), 1).run({ ...job, signal: abort.signal });
  abort.abort(reason);
  await expect(stuck).rejects.toEqual(reason);
});
