import { expect, test } from 'vitest';
import {
  CancelledError,
  silentLogger,
  systemTimers,
  UnavailableError,
  UserError,
} from '../../core/index.js';
import {
  type BatchJob,
  type BatchResult,
  type BatchRunner,
  parseTaskSpec,
} from '../../ingest/index.js';
import { chunkSegment, days } from '../testing.js';
import { LocalCarrier } from '../transport/local-carrier.js';
import { NodeClient } from '../transport/node-client.js';
import { NodeMethods } from '../transport/node-methods.js';
import type { CarriedAnswer, CarriedRequest } from '../transport/types.js';
import { remoteBatchRunner } from './remote-batch-runner.js';
import { runBatchMethod } from './run-batch.js';

const SECRET = 'sixteen-letters-or-more';
const stats = {
  processed: 3,
  processedWithError: 0,
  thrownAway: 0,
  unparseable: 0,
  processedBytes: 9,
};
const progress = { phase: 'MERGE' as const, stats, parseExceptions: [], rowsPerSecond: 1 };
const built: BatchResult = {
  segments: [chunkSegment(days(0, 1), 'a'), chunkSegment(days(1, 2), 'b')],
  stats,
  parseExceptions: [],
};

const SPEC = parseTaskSpec({
  type: 'index_parallel',
  spec: {
    dataSchema: {
      dataSource: 't',
      timestampSpec: { column: 'time', format: 'auto' },
      dimensionsSpec: { dimensions: ['a'] },
    },
    ioConfig: {
      type: 'index_parallel',
      inputSource: { type: 'inline', data: '{}' },
      inputFormat: { type: 'json' },
    },
  },
});

const jobOf = (others: Partial<BatchJob> = {}): BatchJob => ({
  taskId: 'task',
  spec: SPEC,
  chunkIntervals: [days(0, 1)],
  slices: [[{ path: '/leader/x', interval: days(0, 1), stored: { idText: 'x' } }]],
  signal: new AbortController().signal,
  onProgress: () => undefined,
  ...others,
});

/** Realtime nodes `r1`, `r2` that run jobs by `runners`; `lost` break off when they would answer. */
function world(runners: Record<string, BatchRunner>, lost: ReadonlySet<string> = new Set()) {
  const events: string[] = [];
  class Faulty extends LocalCarrier {
    override async send(url: string, request: CarriedRequest): Promise<CarriedAnswer> {
      const answer = await super.send(url, request);
      return lost.has(url) ? { ...answer, body: cutOff(answer.body) } : answer;
    }
  }
  const carrier = new Faulty();
  const shared = { cluster: 'c', secret: SECRET, timers: systemTimers };
  for (const [name, run] of Object.entries(runners)) {
    const self = { name, incarnation: '1', roles: ['realtime' as const] };
    const methods = new NodeMethods({ ...shared, self, logger: silentLogger });
    methods.add(
      runBatchMethod({
        run,
        put: async (dataSource, segment) => {
          events.push(`${name} puts ${segment.sealed.path} of ${dataSource}`);
          return {
            ...segment,
            sealed: { ...segment.sealed, sha256: `deep-${segment.sealed.path}` },
          };
        },
        removeFile: (path) => events.push(`${name} removes ${path}`),
        logger: silentLogger,
      }),
    );
    carrier.connect(name, methods);
  }
  const self = { name: 'c1', incarnation: '1', roles: ['coordinator' as const] };
  const silences = new Map(Object.keys(runners).map((name) => [name, new AbortController()]));
  const silenceFrom = (name: string) => silences.get(name)!;
  let taken = 0;
  const run = remoteBatchRunner({
    client: new NodeClient(carrier, { ...shared, self }),
    slots: {
      async take({ lost: gone }) {
        const host = Object.keys(runners).find((name) => !gone.has(name))!;
        taken++;
        return { host, release: () => void taken-- };
      },
    },
    nodeOf: (host) => ({ name: host, url: host }),
    silenceOf: (name) => ({ signal: silenceFrom(name).signal, end: () => undefined }),
    runHere: () => {
      throw new Error('not here');
    },
    logger: silentLogger,
  });
  return { run, events, silenceFrom, taken: () => taken };
}

async function* cutOff(body: AsyncIterable<Uint8Array>) {
  let count = 0;
  for await (const piece of body) if (count++ < 1) yield piece;
}

test('a job runs on a node that is told what to fetch, and its segments are in deep storage', async () => {
  const seen: unknown[] = [];
  const { run, events, taken } = world({
    r1: async (job) => {
      expect(job.slices).toEqual([[{ path: '', interval: days(0, 1), stored: { idText: 'x' } }]]);
      expect(job.spec.json).toEqual(SPEC.json);
      job.onProgress(progress);
      await new Promise((wake) => setTimeout(wake, 5));
      return built;
    },
  });
  const result = await run(jobOf({ onProgress: (each) => void seen.push(each) }));
  expect(seen).toEqual([progress]);
  expect(result.stats).toEqual(stats);
  const paths = built.segments.map(({ sealed }) => sealed.path);
  expect(result.segments.map(({ sealed }) => sealed.sha256)).toEqual(
    paths.map((path) => `deep-${path}`),
  );
  expect(events).toEqual([
    ...paths.map((path) => `r1 puts ${path} of t`),
    ...paths.map((path) => `r1 removes ${path}`),
  ]);
  expect(taken()).toBe(0);
});

test("errors of the job are the task's, and no other node runs it", async () => {
  const { run, events, taken } = world({
    r1: async () => {
      throw new UserError('spec: bad', 'spec', 'spec');
    },
    r2: async () => built,
  });
  await expect(run(jobOf())).rejects.toMatchObject({ family: 'user', field: 'spec' });
  expect(events).toEqual([]);
  expect(taken()).toBe(0);
});

test('a job whose node is lost runs on another one, a bounded number of times', async () => {
  const { run, events } = world({ r1: async () => built, r2: async () => built }, new Set(['r1']));
  expect((await run(jobOf())).segments).toHaveLength(2);
  expect(events.some((event) => event.startsWith('r2 removes'))).toBe(true);
  const all = ['r1', 'r2', 'r3', 'r4'];
  const none = world(
    Object.fromEntries(all.map((name) => [name, async () => built])),
    new Set(all),
  );
  await expect(none.run(jobOf())).rejects.toThrow('answered badly');
  expect(none.events.some((event) => event.startsWith('r4'))).toBe(false);
});

test('a job whose node hangs runs on another one when it is found to be lost', async () => {
  const { run, silenceFrom, taken } = world({
    r1: async ({ onProgress }) => {
      onProgress(progress);
      return new Promise(() => undefined);
    },
    r2: async () => built,
  });
  const lost = new UnavailableError('the node "r1" was lost while it was asked');
  const onProgress = () => silenceFrom('r1').abort(lost);
  expect((await run(jobOf({ onProgress }))).segments).toHaveLength(2);
  expect(taken()).toBe(0);
});

test('a task that is cancelled cancels its job', async () => {
  const cancel = new AbortController();
  let stopped: () => void = () => undefined;
  const isStopped = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  const { run } = world({
    r1: ({ signal, onProgress }) => {
      onProgress(progress);
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          stopped();
          reject(signal.reason);
        });
      });
    },
  });
  const onProgress = () => cancel.abort(new CancelledError('no more'));
  await expect(run(jobOf({ signal: cancel.signal, onProgress }))).rejects.toThrow('no more');
  await isStopped;
});
