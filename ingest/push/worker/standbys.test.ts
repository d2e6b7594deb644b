import { expect, onTestFinished, test } from 'vitest';
import { RealDisk, UnavailableError, utf8Encode } from '../../../core/index.js';
import { temporaryDirectory } from '../../../core/testing.js';
import { DiskCatalog } from '../catalog-testing.js';
import { CopiesThread } from '../copies/copies-thread.js';
import type { CopyLink } from '../copies/types.js';
import { ROOMY_LIMITS } from '../engine/node-testing.js';
import type { PushAnswer } from '../types.js';
import { PushWorker } from './push-worker.js';
import type { HostMethods } from './worker-methods.js';

const MIB = 2 ** 20;
const TABLE = 'events';
const SPEC = {
  timestampSpec: { column: 'ts', format: 'millis' },
  dimensionsSpec: { useSchemaDiscovery: true },
  granularitySpec: { segmentGranularity: 'hour', rollup: false },
};

const die = (why: string): never => {
  throw new Error(why);
};

function hostOf(directory: string): HostMethods {
  const catalog = new DiskCatalog(new RealDisk(), `${directory}/metadata`);
  return {
    tables: () => catalog.tables(),
    declare: ({ name, spec, position }) => catalog.declare(name, spec, position),
    open: ({ name }) => catalog.open(name),
    publish: (request) => catalog.publish(request),
    chunkIntervals: () => [],
    announce: () => undefined,
  };
}

/** A worker over a log, with the metadata and the segments of all below one directory. */
async function workerOver(
  directory: string,
  logDir: string,
  copies?: CopyLink,
): Promise<PushWorker> {
  const settings = {
    logDir,
    piecesDir: `${logDir}-pieces`,
    segmentsDir: `${directory}/segments`,
    limits: ROOMY_LIMITS,
    arenaBytes: MIB,
    scratchBytes: 0,
    sealBytes: 64 * MIB,
    logLevel: 'silent' as const,
  };
  const worker = await PushWorker.start(settings, hostOf(directory), die, copies);
  onTestFinished(() => worker.close());
  return worker;
}

function copiesOn(directory: string): CopiesThread {
  const thread = new CopiesThread(directory, die);
  onTestFinished(() => thread.end());
  return thread;
}

/** A link to the one standby `b`; `isUp` says whether it is reached. */
function linkTo(thread: CopiesThread, standbys: Set<string>, isUp: () => boolean): CopyLink {
  const copy = { log: 'log', session: 's' };
  return {
    begin: (_, start) => thread.begin(copy, start),
    send: (_, group) => thread.append(copy, group),
    join: async (node) => void standbys.add(node),
    async append(group) {
      if (!isUp()) standbys.clear();
      if (standbys.size > 0) await thread.append(copy, group);
      return standbys.size;
    },
    trim: (before) => void thread.trim(copy, before),
  };
}

function push(worker: PushWorker, sequence: number): Promise<PushAnswer> {
  const rows = [0, 1].map((i) => `{"ts":${Date.UTC(2024, 0, 1)},"n":${2 * sequence + i}}`);
  return worker.push({
    table: TABLE,
    format: 'ndjson',
    columns: null,
    body: utf8Encode(rows.join('\n')),
    producer: 'p',
    sequence,
    key: null,
    ack: 'disk',
  });
}

test('a worker copies its log to a thread of another node, whose worker has all of it then', async () => {
  const directory = temporaryDirectory('standbys', onTestFinished);
  const thread = copiesOn(`${directory}/copies`);
  const standbys = new Set<string>();
  const link = linkTo(thread, standbys, () => true);
  const worker = await workerOver(directory, `${directory}/log`, link);
  await worker.declare(TABLE, SPEC);
  for (let i = 0; i < 20; i++) await push(worker, i);
  const joined = worker.addStandby('b');
  await Promise.all([joined, ...[20, 21, 22].map((i) => push(worker, i))]);
  expect([...standbys]).toEqual(['b']);
  await worker.handOff(TABLE);
  for (let i = 23; i < 40; i++) await push(worker, i);
  expect(await thread.list()).toEqual([{ log: 'log', logId: worker.logId }]);
  await thread.close('log');
  // The first worker writes no more, as if its node were lost.
  const next = await workerOver(directory, thread.directoryOf('log'));
  expect(next.logId).toBe(worker.logId);
  const { tables } = await next.stats();
  expect(tables).toMatchObject([{ table: TABLE, received: 80, stored: 80, bufferedRows: 34 }]);
  for (const sequence of [0, 22, 39]) {
    expect(await push(next, sequence)).toMatchObject({ duplicate: true, stored: 2 });
  }
  expect(await push(next, 40)).toMatchObject({ duplicate: false });
  await next.handOff(TABLE);
  expect((await next.stats()).tables).toMatchObject([{ stored: 82, bufferedRows: 0 }]);
});

test('a worker whose standby is gone goes on alone; what a link refuses keeps its type', async () => {
  const directory = temporaryDirectory('standbys', onTestFinished);
  const thread = copiesOn(`${directory}/copies`);
  const standbys = new Set<string>();
  let isUp = true;
  const link = linkTo(thread, standbys, () => isUp);
  const worker = await workerOver(directory, `${directory}/log`, link);
  await worker.declare(TABLE, SPEC);
  await worker.addStandby('b');
  await push(worker, 0);
  isUp = false;
  expect(await push(worker, 1)).toMatchObject({ durable: true });
  expect([...standbys]).toEqual([]);
  await thread.remove('log');
  link.begin = () => Promise.reject(new UnavailableError('nobody is there'));
  await expect(worker.addStandby('b')).rejects.toThrow(UnavailableError);
  expect(await push(worker, 2)).toMatchObject({ duplicate: false });
});

test('a worker without a link has no standbys', async () => {
  const directory = temporaryDirectory('standbys', onTestFinished);
  const worker = await workerOver(directory, `${directory}/log`);
  await expect(worker.addStandby('b')).rejects.toThrow(/this log is not copied/);
  await worker.declare(TABLE, SPEC);
  expect(await push(worker, 0)).toMatchObject({ stored: 2, durable: true });
});
