import { afterEach, expect, test, vi } from 'vitest';
import { MetadataStore } from '../../cluster/index.js';
import { chunkSegment, days, publishOf } from '../../cluster/testing.js';
import {
  FencedError,
  ManualClock,
  SeededRandom,
  silentLogger,
  UnavailableError,
  VirtualDisk,
} from '../../core/index.js';
import {
  type BatchJob,
  type BatchResult,
  type Publisher,
  TaskManager,
} from '../../ingest/index.js';
import { statsOf, taskJson } from '../../ingest/testing.js';
import { Leadership } from './leadership.js';

const LOST_AFTER_MS = 1000;
const NEVER_MS = 3_600_000;
const DAY = days(0, 1);

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Job extends BatchJob {
  /** Ends it with one segment, of this file. */
  build(path: string): void;
}

/** A coordinator whose jobs end when the test says so, or when aborted. */
class Coordinator {
  readonly jobs: Job[] = [];
  readonly leadership: Leadership;
  readonly tasks: TaskManager;
  lost = 0;
  /** As often it cannot begin to lead. */
  failures = 0;

  constructor(name: string, store: MetadataStore, steadyClock: ManualClock) {
    const segments = () => this.leadership.store.segments;
    const publisher: Publisher = {
      chunkIntervals: () => [],
      declaredStarTrees: () => undefined,
      read: async () => ({ visibleSegments: () => [], release: () => undefined }),
      publish: async (request) => segments().publish(request),
      hasPublished: async (id) => segments().hasPublished(id),
    };
    const clock = new ManualClock(Date.UTC(2024, 0, 1));
    this.tasks = new TaskManager({
      store: store.asLeader(() => this.leadership.lease).tasks,
      publisher,
      remover: { drop: async () => 0, kill: async () => 0, discard: () => undefined },
      run: (job) => this.#run(job),
      input: {
        ...{ disk: new VirtualDisk(), localRoots: [], httpHosts: [], fetch },
        ...{ maxEntityBytes: 1, clock },
      },
      ...{ clock, random: new SeededRandom(1), logger: silentLogger },
      slots: () => 2,
      runsLostAgain: true,
    });
    this.leadership = new Leadership({
      ...{ store, node: name, incarnation: '1', isCandidate: true, steadyClock },
      ...{ beatMs: NEVER_MS, lostAfterMs: LOST_AFTER_MS, logger: silentLogger },
      onLead: async () => {
        if (this.failures-- > 0) throw new Error('not now');
        await this.tasks.recover();
      },
      onLose: () => {
        this.lost++;
        this.tasks.abandon('another node leads');
      },
    });
    closing.push(async () => {
      await this.tasks.close();
      await this.leadership.close();
    });
  }

  #run(job: BatchJob): Promise<BatchResult> {
    return new Promise((resolve, reject) => {
      job.signal.addEventListener('abort', () => reject(job.signal.reason));
      const build = (path: string) =>
        resolve({ segments: [chunkSegment(DAY, path)], stats: statsOf(1), parseExceptions: [] });
      this.jobs.push({ ...job, build });
    });
  }
}

/** Two coordinators, of which the first leads. */
async function world() {
  const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, new ManualClock(0));
  closing.push(() => store.close());
  const clock = new ManualClock(0);
  const a = new Coordinator('a', store, clock);
  const b = new Coordinator('b', store, clock);
  await a.leadership.start();
  await b.leadership.start();
  /** The first one is away for so long that the other takes over. */
  const takeOver = async () => {
    clock.advance(LOST_AFTER_MS);
    await b.leadership.look();
    expect(b.leadership.epoch).toBe(2);
  };
  return { store, a, b, takeOver };
}

const statusOf = async (store: MetadataStore, id: string) => (await store.tasks.get(id))!.status;

const filesOf = async (store: MetadataStore) =>
  (await store.segments.used('t')).map(({ sealed }) => sealed.path);

const started = (node: Coordinator, count = 1) =>
  vi.waitFor(() => expect(node.jobs).toHaveLength(count));

/** The task of this id, and the one attempt that the last leader makes at it. */
async function succeeds(store: MetadataStore, node: Coordinator, id: string): Promise<void> {
  node.jobs.at(-1)!.build('again');
  expect(await node.tasks.wait(id)).toMatchObject({ status: 'SUCCESS' });
  expect(await statusOf(store, id)).toBe('SUCCESS');
  expect(await filesOf(store)).toEqual(['again']);
}

test('one leads, others know who; nobody changes anything without leading', async () => {
  const { a, b } = await world();
  expect([a.leadership.epoch, b.leadership.epoch]).toEqual([1, null]);
  expect([a.leadership.leader, b.leadership.leader]).toEqual(['a', 'a']);
  await expect(b.tasks.submit(taskJson())).rejects.toThrow(/does not lead/);
});

test('tasks of a leader that was away run again under the next one, and end here when that is known', async () => {
  const { store, a, b, takeOver } = await world();
  const id = await a.tasks.submit(taskJson());
  await started(a);
  await takeOver();
  await started(b);
  expect(a.lost).toBe(0);
  await a.leadership.look();
  expect(a.lost).toBe(1);
  expect(a.jobs[0]!.signal.aborted).toBe(true);
  a.jobs[0]!.build('too late');
  await vi.waitFor(() => expect(a.tasks.active()).toEqual([]));
  expect([a.leadership.epoch, a.leadership.leader]).toEqual([null, 'b']);
  // Nothing of how it ended here is stored: it goes on there.
  expect(await statusOf(store, id)).toBe('RUNNING');
  expect(await filesOf(store)).toEqual([]);
  await succeeds(store, b, id);
});

test('a leader that does not know yet that it leads no more publishes nothing', async () => {
  const { store, a, b, takeOver } = await world();
  const id = await a.tasks.submit(taskJson());
  await started(a);
  await takeOver();
  await started(b);
  a.jobs[0]!.build('of the past');
  expect(await a.tasks.wait(id)).toMatchObject({ status: 'FAILED' });
  expect(await filesOf(store)).toEqual([]);
  expect(await statusOf(store, id)).toBe('RUNNING');
  await succeeds(store, b, id);
});

test('who leads no more, or never did, reads what operators have set and changes nothing of it', async () => {
  const { store, a, b, takeOver } = await world();
  const settingsOf = ({ leadership }: Coordinator) =>
    store.asLeader(() => leadership.lease).settings;
  const who = { author: '', comment: '', ip: '' };
  const set = (at: Coordinator, value: unknown) => settingsOf(at).set('rules', 't', value, who);
  await set(a, [1]);
  await expect(set(b, [2])).rejects.toBeInstanceOf(UnavailableError);
  await takeOver();
  await expect(set(a, [3])).rejects.toBeInstanceOf(FencedError);
  await expect(settingsOf(a).forgetChanges(Number.MAX_SAFE_INTEGER)).rejects.toThrow(FencedError);
  await a.leadership.look();
  await expect(set(a, [4])).rejects.toBeInstanceOf(UnavailableError);
  expect(await settingsOf(a).get('rules', 't')).toEqual([1]);
  await set(b, [5]);
  expect(await settingsOf(a).get('rules', 't')).toEqual([5]);
});

test('a task that had published is not run again', async () => {
  const { store, a, b, takeOver } = await world();
  const id = await a.tasks.submit(taskJson());
  await started(a);
  // As if the process was lost before it stored the end.
  const request = publishOf(id, 'overwrite', [chunkSegment(DAY, 'published')]);
  await a.leadership.store.segments.publish(request);
  await takeOver();
  await vi.waitFor(async () => expect(await statusOf(store, id)).toBe('SUCCESS'));
  expect(b.jobs).toEqual([]);
  expect(await filesOf(store)).toEqual(['published']);
});

test('who leads again runs its tasks again when the first attempts have ended', async () => {
  const { store, a, b, takeOver } = await world();
  const id = await a.tasks.submit(taskJson());
  await started(a);
  await takeOver();
  await started(b);
  await b.tasks.close();
  await b.leadership.close();
  // It goes on elsewhere, also where a leader ends by itself.
  expect(b.jobs[0]!.signal.aborted).toBe(true);
  expect(await statusOf(store, id)).toBe('RUNNING');
  await a.leadership.look();
  expect(a.lost).toBe(1);
  expect(a.leadership.epoch).toBeGreaterThan(2);
  expect(a.jobs[0]!.signal.aborted).toBe(true);
  await started(a, 2);
  await succeeds(store, a, id);
});

test('what a leader begins with is tried again', async () => {
  const { store, a, b, takeOver } = await world();
  const id = await a.tasks.submit(taskJson());
  await started(a);
  b.failures = 2;
  await takeOver();
  for (const _ of [1, 2]) {
    expect(b.jobs).toEqual([]);
    await b.leadership.look();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await started(b);
  await b.leadership.look();
  await succeeds(store, b, id);
  expect(b.jobs).toHaveLength(1);
});
