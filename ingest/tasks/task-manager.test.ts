import { describe, expect, test } from 'vitest';
import { type JsonObject, NotFoundError, UnavailableError, UserError } from '../../core/index.js';
import { parseInterval } from '../../model/index.js';
import type { Progress } from '../batch/progress.js';
import { MemoryTaskStore, segmentOf, statsOf, TaskWorld, taskJson } from './testing.js';

const settled = () => new Promise((resolve) => setImmediate(resolve));
const DAY = parseInterval('2024-01-01/2024-01-02');

/** Submits a task; where there is a slot for it, its job has started then. */
async function submitted(manager: TaskWorld['manager'], json: JsonObject): Promise<string> {
  const id = await manager.submit(json);
  await settled();
  return id;
}

const PROGRESS: Progress = {
  phase: 'MERGE',
  stats: statsOf(9),
  parseExceptions: [{ timeMs: 0, errorType: 'UNPARSEABLE', input: '{', details: ['no JSON'] }],
  rowsPerSecond: 3,
};
const BAD_EVENT = {
  timeOfException: '1970-01-01T00:00:00.000Z',
  errorType: 'UNPARSEABLE',
  input: '{',
  details: ['no JSON'],
};

async function statusesOf({ manager }: TaskWorld, id: string) {
  const status = await manager.status(id);
  return [status?.statusCode, status?.runnerStatusCode];
}

test('a task that succeeds: its id, status, report, log and what it publishes', async () => {
  const world = new TaskWorld();
  const { manager, jobs, clock, publisher } = world;
  const id = await submitted(manager, taskJson({ context: { priority: 7 } }));
  expect(id).toMatch(/^index_parallel_t_[a-p]{8}_2024-01-01T00:00:00\.000Z$/);
  expect(await statusesOf(world, id)).toEqual(['RUNNING', 'RUNNING']);
  expect(await manager.payload(id)).toMatchObject({ id, context: { priority: 7 } });
  clock.advance(1234);
  jobs[0]!.succeed({ segments: [segmentOf(DAY)], stats: statsOf(5) });
  expect(await manager.wait(id)).toMatchObject({ status: 'SUCCESS', durationMs: 1234 });
  expect(publisher.requests).toEqual([
    {
      taskId: id,
      dataSource: 't',
      mode: 'overwrite',
      segments: [segmentOf(DAY)],
      dropIntervals: [],
      dropsRows: false,
      basis: null,
      compactionState: null,
    },
  ]);
  expect(await manager.status(id)).toEqual({
    id,
    groupId: id,
    type: 'index_parallel',
    createdTime: '2024-01-01T00:00:00.000Z',
    queueInsertionTime: '2024-01-01T00:00:00.000Z',
    statusCode: 'SUCCESS',
    status: 'SUCCESS',
    runnerStatusCode: 'NONE',
    duration: 1234,
    location: { host: null, port: -1, tlsPort: -1 },
    dataSource: 't',
    errorMsg: null,
  });
  expect(await manager.report(id)).toMatchObject({
    ingestionStatsAndErrors: {
      type: 'ingestionStatsAndErrors',
      taskId: id,
      payload: {
        ingestionState: 'COMPLETED',
        rowStats: { buildSegments: statsOf(5), determinePartitions: statsOf(0) },
        errorMsg: null,
        segmentAvailabilityConfirmed: true,
        segmentsPublished: 1,
      },
    },
    taskContext: { payload: { priority: 7 } },
  });
  expect((await manager.log(id))?.at(-1)).toBe(
    '2024-01-01T00:00:01.234Z published 1 segments, 5 rows',
  );
  expect(await manager.wait(id)).toMatchObject({ status: 'SUCCESS' });
});

test('a task that fails says why and publishes nothing', async () => {
  const { manager, jobs, publisher } = new TaskWorld();
  const id = await submitted(manager, taskJson());
  jobs[0]!.onProgress(PROGRESS);
  jobs[0]!.fail(new UserError('the input is bad; mend it', 'spec'));
  expect(await manager.wait(id)).toMatchObject({
    status: 'FAILED',
    errorMsg: 'the input is bad; mend it',
  });
  expect(publisher.requests).toEqual([]);
  expect(await manager.report(id)).toMatchObject({
    ingestionStatsAndErrors: {
      payload: {
        errorMsg: 'the input is bad; mend it',
        segmentsPublished: 0,
        rowStats: { buildSegments: statsOf(9) },
        unparseableEvents: { buildSegments: [BAD_EVENT] },
      },
    },
  });
});

test('while it runs the report is live, and listeners hear of every step', async () => {
  const { manager, jobs } = new TaskWorld();
  const id = await submitted(manager, taskJson());
  const phases: string[] = [];
  const done = manager.wait(id, ({ phase }) => phases.push(phase));
  jobs[0]!.onProgress(PROGRESS);
  expect(await manager.report(id)).toMatchObject({
    ingestionStatsAndErrors: {
      payload: {
        ingestionState: 'BUILD_SEGMENTS',
        unparseableEvents: { buildSegments: [BAD_EVENT] },
        phase: 'MERGE',
        rowStats: {
          totals: { buildSegments: statsOf(9) },
          movingAverages: { buildSegments: { '1m': { processed: 3 } } },
        },
      },
    },
  });
  jobs[0]!.succeed({ segments: [segmentOf(DAY)] });
  await done;
  expect(phases).toEqual(['MERGE', 'PUBLISH']);
});

test('a listener that throws hears no more, and harms neither task nor other listeners', async () => {
  const { manager, jobs } = new TaskWorld();
  const id = await submitted(manager, taskJson());
  let calls = 0;
  const failing = manager.wait(id, () => {
    calls++;
    throw new Error('the caller is broken');
  });
  const phases: string[] = [];
  const sound = manager.wait(id, ({ phase }) => phases.push(phase));
  expect(() => jobs[0]!.onProgress(PROGRESS)).not.toThrow();
  jobs[0]!.succeed({ segments: [segmentOf(DAY)] });
  for (const ended of [await failing, await sound]) expect(ended.status).toBe('SUCCESS');
  expect(calls).toBe(1);
  expect(phases).toEqual(['MERGE', 'PUBLISH']);
});

describe('what is published', () => {
  async function run(ioConfig: Record<string, unknown>, segments = [segmentOf(DAY)]) {
    const { manager, jobs, publisher } = new TaskWorld();
    publisher.chunks = [DAY];
    const id = await submitted(manager, taskJson({}, ioConfig));
    jobs[0]!.succeed({ segments });
    const { status } = await manager.wait(id);
    return { status, chunks: jobs[0]!.chunkIntervals, requests: publisher.requests };
  }

  test('an append knows the chunks there are', async () => {
    const { requests, chunks } = await run({ appendToExisting: true });
    expect([requests[0]!.mode, requests[0]!.dropIntervals, chunks]).toEqual(['append', [], [DAY]]);
    expect(requests[0]!.basis).toEqual({ kind: 'chunks', intervals: [DAY] });
  });

  test('an overwrite does not ask for them, and drops its intervals when told to', async () => {
    const { requests, chunks } = await run({ dropExisting: true });
    const both = parseInterval('2024-01-01/2024-01-03');
    expect([requests[0]!.mode, requests[0]!.dropIntervals, chunks]).toEqual([
      'overwrite',
      [both],
      [],
    ]);
  });

  test('what it may read is held while it runs, however it ends', async () => {
    const { manager, jobs, publisher } = new TaskWorld();
    for (const end of ['succeed', 'fail'] as const) {
      const id = await submitted(manager, taskJson());
      const job = jobs.at(-1)!;
      expect(publisher.held).toBe(1);
      if (end === 'succeed') job.succeed({ segments: [segmentOf(DAY)] });
      else job.fail(new Error('no'));
      await manager.wait(id);
      await settled();
      expect(publisher.held).toBe(0);
    }
  });

  test('no rows: nothing, unless something is to be dropped', async () => {
    expect(await run({}, [])).toMatchObject({ status: 'SUCCESS', requests: [] });
    const { requests } = await run({ dropExisting: true }, []);
    expect(requests.length).toBe(1);
  });

  test.each([
    { committed: false, status: 'FAILED', discarded: ['/data/segments/t/1.varve'] },
    { committed: true, status: 'SUCCESS', discarded: [] },
  ])('a publish fails, committed: $committed', async ({ committed, status, discarded }) => {
    const { manager, jobs, publisher, remover } = new TaskWorld();
    publisher.failure = { error: new UnavailableError('the disk is gone'), committed };
    const id = await submitted(manager, taskJson());
    jobs[0]!.succeed({ segments: [segmentOf(DAY)] });
    expect((await manager.wait(id)).status).toBe(status);
    expect(remover.discarded).toEqual(discarded);
  });
});

describe('submitting', () => {
  test('a bad spec, a source out of bounds and a known id are refused, and leave no task', async () => {
    const { manager, store } = new TaskWorld();
    const outside = { inputSource: { type: 'local', baseDir: '/etc', filter: '*' } };
    for (const json of [{}, { type: 'index' }, 7, taskJson({}, outside), taskJson({ type: 'x' })]) {
      await expect(manager.submit(json)).rejects.toBeInstanceOf(UserError);
    }
    expect(store.records.size).toBe(0);
    await expect(manager.submit(taskJson({}, outside))).rejects.toThrow(/--local-root/);
    expect(await manager.submit(taskJson({ id: 'mine' }))).toBe('mine');
    await expect(manager.submit(taskJson({ id: 'mine' }))).rejects.toThrow(
      'Task[mine] already exists!',
    );
  });

  test('of two with one id at the same moment one is taken', async () => {
    const { manager, jobs } = new TaskWorld();
    const outcomes = await Promise.allSettled(
      [1, 2].map(() => manager.submit(taskJson({ id: 'mine' }))),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toBeInstanceOf(UserError);
    await settled();
    expect(jobs.length).toBe(1);
  });
});

describe('waiting', () => {
  test('tasks of one table run one after another, others as there are slots', async () => {
    const world = new TaskWorld(new MemoryTaskStore(), 2);
    const { manager, jobs } = world;
    const ids: string[] = [];
    for (const table of ['t', 't', 'u', 'v']) {
      world.clock.advance(1);
      ids.push(await submitted(manager, taskJson({}, {}, table)));
    }
    const runner = async () =>
      (await Promise.all(ids.map((id) => statusesOf(world, id)))).map(([, code]) => code);
    expect(await runner()).toEqual(['RUNNING', 'WAITING', 'RUNNING', 'PENDING']);
    expect(await manager.report(ids[1]!)).toMatchObject({
      ingestionStatsAndErrors: { payload: { ingestionState: 'NOT_STARTED', phase: 'WAITING' } },
    });
    jobs[0]!.succeed();
    await manager.wait(ids[0]!);
    await settled();
    expect(await runner()).toEqual(['NONE', 'RUNNING', 'RUNNING', 'PENDING']);
    jobs[1]!.succeed();
    await manager.wait(ids[2]!);
    await settled();
    expect(jobs.map(({ spec }) => spec.dataSource)).toEqual(['t', 'u', 't', 'v']);
    const listed = (await manager.list()).map(({ id }) => ids.indexOf(String(id)));
    expect(listed).toEqual([2, 0, 3, 1]);
  });

  test('a shutdown ends a running task, and one that waits at once', async () => {
    const world = new TaskWorld();
    const { manager, jobs } = world;
    const running = await submitted(manager, taskJson());
    const waiting = await submitted(manager, taskJson());
    const last = await submitted(manager, taskJson());
    manager.shutdown(waiting);
    expect(await manager.wait(waiting)).toMatchObject({
      status: 'FAILED',
      errorMsg: 'Shutdown request from user',
    });
    expect(await statusesOf(world, running)).toEqual(['RUNNING', 'RUNNING']);
    manager.shutdown(running);
    expect(await manager.wait(running)).toMatchObject({
      status: 'FAILED',
      errorMsg: 'Shutdown request from user',
    });
    await settled();
    expect(jobs.length).toBe(2);
    manager.shutdown(running);
    manager.shutdown('no such task');
    jobs[1]!.succeed();
    expect((await manager.wait(last)).status).toBe('SUCCESS');
  });

  test('a shutdown behind the last row publishes nothing, and leaves no file', async () => {
    const { manager, jobs, publisher, remover } = new TaskWorld();
    const id = await submitted(manager, taskJson());
    jobs[0]!.succeed({ segments: [segmentOf(DAY)] });
    manager.shutdown(id);
    expect((await manager.wait(id)).status).toBe('FAILED');
    expect(publisher.requests).toEqual([]);
    expect(remover.discarded).toEqual(['/data/segments/t/1.varve']);
  });

  test('closing ends everything and waits for it', async () => {
    const { manager, store } = new TaskWorld();
    for (let i = 0; i < 3; i++) await submitted(manager, taskJson({ id: `${i}` }));
    await manager.close();
    for (const { status, errorMsg } of store.records.values()) {
      expect([status, errorMsg]).toEqual([
        'FAILED',
        'the server is shutting down; submit the task again',
      ]);
    }
  });
});

describe('once closed', () => {
  test('no task is taken', async () => {
    const { manager, store, jobs } = new TaskWorld();
    await manager.close();
    await expect(manager.submit(taskJson())).rejects.toBeInstanceOf(UnavailableError);
    expect([store.records.size, jobs.length]).toEqual([0, 0]);
  });

  test('a task that is being taken does not start', async () => {
    const outcomes = new Set<boolean>();
    for (let steps = 0; steps < 8; steps++) {
      const world = new TaskWorld();
      const submitting = world.manager.submit(taskJson()).then(
        () => 'taken',
        (error: unknown) => error,
      );
      for (let i = 0; i < steps; i++) await Promise.resolve();
      await world.manager.close();
      const outcome = await submitting;
      await settled();
      // Taken before: it ran and was cancelled. Later: refused, and start-up settles what was stored.
      if (outcome !== 'taken') expect(outcome).toBeInstanceOf(UnavailableError);
      outcomes.add(outcome === 'taken');
      const running = world.jobs.filter(({ signal }) => !signal.aborted);
      expect(running).toEqual([]);
    }
    expect(outcomes.size).toBe(2);
  });
});

test('a restart settles the tasks that ran: published ones succeeded, others failed', async () => {
  const first = new TaskWorld();
  const ids = [];
  for (const table of ['t', 'u', 'v']) {
    ids.push(await submitted(first.manager, taskJson({}, {}, table)));
  }
  first.store.failure = new Error('the process is killed');
  first.jobs[0]!.succeed({ segments: [segmentOf(DAY)] });
  await first.manager.wait(ids[0]!);
  first.store.failure = null;

  const second = new TaskWorld(first.store);
  second.publisher.requests.push(...first.publisher.requests);
  expect(await statusesOf(second, ids[0]!)).toEqual(['RUNNING', 'NONE']);
  await second.manager.recover();
  expect(await second.manager.status(ids[0]!)).toMatchObject({ status: 'SUCCESS', errorMsg: null });
  for (const id of ids.slice(1)) {
    const { status, errorMsg } = await second.manager.wait(id);
    expect(status).toBe('FAILED');
    expect(errorMsg).toMatch(/server stopped while the task ran.*submit it again/);
  }
  expect(second.jobs).toEqual([]);
  await second.manager.recover();
  expect(await second.manager.log(ids[0]!)).toEqual([]);
});

describe('where lost tasks run again', () => {
  /** Tasks into tables t, u and v ran when the process was lost, of which the first had published. */
  async function lostWorld() {
    const first = new TaskWorld(new MemoryTaskStore(), 3);
    const ids: string[] = [];
    for (const table of ['t', 'u', 'v']) {
      first.clock.advance(1);
      ids.push(await first.manager.submit(taskJson({}, {}, table)));
    }
    const { store } = first;
    store.failure = new Error('the process is killed');
    first.jobs[0]!.succeed({ segments: [segmentOf(DAY)] });
    await first.manager.wait(ids[0]!);
    store.failure = null;
    const second = new TaskWorld(store, 3, true);
    second.publisher.requests.push(...first.publisher.requests);
    return { store, ids, second };
  }
  const tablesOf = ({ jobs }: TaskWorld) => jobs.map(({ spec }) => spec.dataSource);

  test('they do so in the order in which they came, but for what has published or cannot be read', async () => {
    const { store, ids, second } = await lostWorld();
    store.payloads.set(ids[2]!, { type: 'of a later version' });
    const { manager, jobs, publisher } = second;
    await manager.recover();
    expect(tablesOf(second)).toEqual(['u']);
    expect(await manager.wait(ids[0]!)).toMatchObject({ status: 'SUCCESS' });
    expect(await manager.wait(ids[2]!)).toMatchObject({
      status: 'FAILED',
      errorMsg: expect.stringMatching(/nothing of it was published/),
    });
    jobs[0]!.succeed({ segments: [segmentOf(DAY)] });
    expect(await manager.wait(ids[1]!)).toMatchObject({ id: ids[1], status: 'SUCCESS' });
    expect(publisher.requests.map(({ taskId }) => taskId)).toEqual([ids[0], ids[1]]);
  });

  test('each once, however often that is asked for, and whatever is submitted meanwhile', async () => {
    const { second } = await lostWorld();
    const { manager } = second;
    const recovering = manager.recover();
    await Promise.all([manager.submit(taskJson({ id: 'own' }, {}, 'w')), recovering]);
    await manager.recover();
    expect(tablesOf(second).sort()).toEqual(['u', 'v', 'w']);
  });

  test('those of a process that is closed are left to the next one', async () => {
    const { ids, second, store } = await lostWorld();
    await second.manager.recover();
    await second.manager.close();
    expect(second.jobs.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    for (const id of ids.slice(1)) expect(await store.get(id)).toMatchObject({ status: 'RUNNING' });
    const third = new TaskWorld(store, 3, true);
    await third.manager.recover();
    expect(tablesOf(third)).toEqual(['u', 'v']);
  });

  test('one that was stored while the process was closed is taken: the next one runs it', async () => {
    for (let steps = 0; steps < 8; steps++) {
      const world = new TaskWorld(new MemoryTaskStore(), 3, true);
      const submitting = world.manager.submit(taskJson({ id: 'x' }));
      for (let i = 0; i < steps; i++) await Promise.resolve();
      await world.manager.close();
      expect(await submitting).toBe('x');
      const next = new TaskWorld(world.store, 3, true);
      await next.manager.recover();
      expect(next.jobs).toHaveLength(1);
    }
  });

  test('those that are abandoned have ended before they run again, and nothing of that is stored', async () => {
    const { ids, second, store } = await lostWorld();
    const { manager, jobs, publisher } = second;
    await manager.recover();
    manager.abandon('another leads');
    const again = manager.recover();
    for (const job of jobs) job.succeed({ segments: [segmentOf(DAY)] });
    await again;
    expect(tablesOf(second)).toEqual(['u', 'v', 'u', 'v']);
    expect(publisher.requests).toHaveLength(1);
    expect(await store.report(ids[1]!)).toBeNull();
    for (const job of jobs.slice(2)) job.succeed({ segments: [segmentOf(DAY)] });
    for (const id of ids) expect(await manager.wait(id)).toMatchObject({ status: 'SUCCESS' });
    expect(publisher.requests).toHaveLength(3);
  });
});

test('nothing is known of an unknown task', async () => {
  const { manager } = new TaskWorld();
  expect(await manager.status('x')).toBeNull();
  expect(await manager.report('x')).toBeNull();
  expect(await manager.payload('x')).toBeNull();
  expect(await manager.log('x')).toBeNull();
  await expect(manager.wait('x')).rejects.toBeInstanceOf(NotFoundError);
});
