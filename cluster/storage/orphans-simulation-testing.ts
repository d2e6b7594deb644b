import { setImmediate } from 'node:timers/promises';
import { ManualClock, type SeededRandom, silentLogger } from '../../core/index.js';
import { ETERNITY } from '../../model/index.js';
import type { MetadataStore } from '../metadata/metadata-store.js';
import { GivenUpObjectError, type ObjectWriter } from '../metadata/object-table.js';
import { storedSegmentOf } from '../metadata/objects-contract-testing.js';
import { ALL_SEGMENTS } from '../metadata/segment-selection.js';
import { publishOf } from '../testing.js';
import { bodyOf, someBytes } from './contract-testing.js';
import type { MemoryStore, ObjectFault } from './memory-store-testing.js';
import { OrphanDuty, writerProcess } from './orphans.js';

const { signal } = new AbortController();
export const GRACE_MS = 100;
const EVERYTHING = { interval: ETERNITY, versions: null, maxUsedChangedMs: null, limit: 1000 };
const NODES = ['n0', 'n1', 'n2'];

/** One segment on its way, step by step, with as much time in between as it takes. */
interface Job {
  readonly key: string;
  readonly taskId: string;
  readonly writer: ObjectWriter;
  next: 'register' | 'store' | 'publish' | 'over';
  isBusy: boolean;
  isStored: boolean;
  /** Its writer was thought to be gone, for a moment at least: it may be refused. */
  isDoubted: boolean;
}

/** For tests: processes that write and publish, tasks, kills, and several that believe to lead, over one store of metadata. */
export class OrphanWorld {
  readonly clock = new ManualClock(0);
  /** Keys whose publish came through, and whose segments are still there. */
  readonly published = new Set<string>();
  readonly broken: string[] = [];
  refused = 0;
  readonly #jobs: Job[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #incarnations = new Map(NODES.map((node) => [node, 0]));
  readonly #paused = new Set<string>();
  readonly #tasks = new Set<string>();
  readonly #duties: OrphanDuty[];
  readonly #sweeping = new Set<OrphanDuty>();
  #count = 0;
  #faults: readonly (ObjectFault | null)[] = [];

  constructor(
    readonly metadata: MetadataStore,
    readonly deep: MemoryStore,
    /** No other world over these metadata has it. */
    readonly id: string,
    readonly random: SeededRandom,
  ) {
    this.#duties = [0, 1].map(() => this.#newDuty());
  }

  dice(below: number): number {
    return this.random.nextUint32() % below;
  }

  async storm(steps: number): Promise<void> {
    this.#faults = [null, null, null, { kind: 'error' }, { kind: 'lostReply' }];
    this.deep.setFaults(({ kind }) => {
      if (kind === 'put' && this.dice(6) === 0) return { kind: 'cut', bytes: 1 };
      if (kind === 'list' && this.dice(3) === 0)
        return { kind: 'stale', operations: this.dice(30) };
      return this.#faults[this.dice(this.#faults.length)]!;
    });
    for (let step = 0; step < steps; step++) {
      if (this.dice(40) === 0) await this.#longPause();
      this.#act();
      for (let turns = this.dice(4); turns > 0; turns--) await setImmediate();
      this.#check();
    }
    await Promise.all(this.#running);
    this.#check();
  }

  /** Who writes ends or dies; then leaders look, until all that they had to wait for is over. */
  async calm(): Promise<void> {
    this.deep.setFaults(null);
    for (const job of this.#jobs) {
      while (job.next !== 'over' && this.dice(4) > 0) await this.#step(job);
      job.next = 'over';
    }
    this.#tasks.clear();
    for (const node of NODES) this.#crash(node);
    const duty = this.#newDuty();
    for (let round = 0; round < 4; round++) {
      await duty.run(signal);
      this.#check();
      this.clock.advance(GRACE_MS);
    }
  }

  /** What is left in the metadata is not in the way of the next world. */
  async killAll(): Promise<void> {
    await this.metadata.segments.drop('t', ALL_SEGMENTS);
    await this.metadata.segments.kill('t', { ...EVERYTHING, ids: null });
  }

  #act(): void {
    const node = NODES[this.dice(NODES.length)]!;
    const dice = this.dice(40);
    if (dice < 6) this.#begin(node);
    else if (dice < 24) this.#stepAny();
    else if (dice < 26) this.#pause(node);
    else if (dice < 28) this.#paused.delete(node);
    else if (dice < 29) this.#crash(node);
    else if (dice < 30) this.#endTask();
    else if (dice < 31) this.#track(this.#kill());
    else if (dice < 35) this.clock.advance(GRACE_MS / (1 + this.dice(3)));
    else this.#sweep();
  }

  #begin(node: string): void {
    const number = this.#count++;
    const isOfTask = this.dice(2) === 0;
    const taskId = `${this.id}/${number}`;
    if (isOfTask) this.#tasks.add(taskId);
    this.#jobs.push({
      key: `segments/${this.id}/${number}`,
      taskId,
      writer: {
        node,
        incarnation: String(this.#incarnations.get(node)),
        taskId: isOfTask ? taskId : null,
      },
      next: 'register',
      isBusy: false,
      isStored: false,
      isDoubted: !isOfTask && this.#paused.has(node),
    });
  }

  #stepAny(): void {
    const able = this.#jobs.filter(({ next, isBusy }) => next !== 'over' && !isBusy);
    const job = able[this.dice(able.length)];
    const isAsleep = job !== undefined && Number(job.key.at(-1)) % 3 === 0 && this.dice(12) > 0;
    if (job !== undefined && !isAsleep) this.#track(this.#step(job));
  }

  async #step(job: Job): Promise<void> {
    job.isBusy = true;
    try {
      if (job.next === 'register') {
        await this.metadata.objects.register(job.key, job.writer);
        if (job.next === 'register') job.next = 'store';
      } else if (job.next === 'store') await this.#store(job);
      else await this.#publish(job);
    } finally {
      job.isBusy = false;
    }
  }

  async #store(job: Job): Promise<void> {
    try {
      await this.deep.put(job.key, bodyOf(someBytes(3)), signal);
    } catch {
      // What became of it is not known: it is told of, and another key is taken.
      job.next = 'over';
      await this.metadata.objects.release([job.key]);
      return;
    }
    job.isStored = true;
    if (job.next === 'store') job.next = 'publish';
  }

  async #publish(job: Job): Promise<void> {
    const request = publishOf(job.taskId, 'append', [storedSegmentOf(job.key, this.dice(2))]);
    try {
      await this.metadata.segments.publish(request);
      this.published.add(job.key);
    } catch (error) {
      if (!(error instanceof GivenUpObjectError)) throw error;
      this.refused++;
      if (!job.isDoubted) this.broken.push(`${job.key} was refused`);
    }
    this.#tasks.delete(job.taskId);
    job.next = 'over';
  }

  /** It does nothing for so long that it is thought to be gone; then it goes on. */
  #pause(node: string): void {
    this.#paused.add(node);
    for (const job of this.#jobs) {
      if (job.writer.node === node && job.writer.taskId === null) job.isDoubted = true;
    }
  }

  /** Long enough for its objects to be removed before it goes on to publish them. */
  async #longPause(): Promise<void> {
    const node = NODES[this.dice(NODES.length)]!;
    this.#pause(node);
    const duty = this.#newDuty();
    for (let round = 0; round < 6; round++) {
      await duty.run(signal).catch(() => undefined);
      this.clock.advance(GRACE_MS);
    }
    this.#paused.delete(node);
  }

  #crash(node: string): void {
    for (const job of this.#jobs) if (job.writer.node === node) job.next = 'over';
    this.#incarnations.set(node, this.#incarnations.get(node)! + 1);
    this.#paused.delete(node);
  }

  /** Whoever works for it does not know yet. */
  #endTask(): void {
    const [taskId] = this.#tasks;
    if (taskId === undefined) return;
    this.#tasks.delete(taskId);
    for (const job of this.#jobs) if (job.taskId === taskId) job.isDoubted = true;
  }

  async #kill(): Promise<void> {
    await this.metadata.segments.drop('t', ALL_SEGMENTS);
    // Of those that are published meanwhile nothing is killed: they count.
    const unused = await this.metadata.segments.unused('t');
    const ids = unused.filter(() => this.dice(2) === 0).map(({ idText }) => idText);
    for (const { idText, sealed } of unused) {
      if (ids.includes(idText)) this.published.delete(sealed.deep!.key);
    }
    await this.metadata.segments.kill('t', { ...EVERYTHING, ids });
  }

  #sweep(): void {
    const index = this.dice(this.#duties.length);
    // Who leads anew knows nothing of before.
    if (this.dice(8) === 0) this.#duties[index] = this.#newDuty();
    const duty = this.#duties[index]!;
    if (this.#sweeping.has(duty)) return;
    this.#sweeping.add(duty);
    const sweep = duty.run(signal).then(
      () => undefined,
      () => undefined,
    );
    this.#track(sweep.finally(() => this.#sweeping.delete(duty)));
  }

  #newDuty(): OrphanDuty {
    return new OrphanDuty({
      store: this.deep,
      clusterId: 'us',
      names: this.metadata.objects,
      living: async () => ({
        processes: new Set(
          [...this.#incarnations].flatMap(([name, incarnation]) =>
            this.#paused.has(name) ? [] : writerProcess({ name, incarnation: String(incarnation) }),
          ),
        ),
        tasks: new Set(this.#tasks),
      }),
      clock: this.clock,
      graceMs: GRACE_MS,
      logger: silentLogger,
    });
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => void this.broken.push(String(error)))
      .finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  #check(): void {
    for (const key of this.published) this.#mustBe(key, 'was published');
    for (const { key, next, isStored, isDoubted } of this.#jobs) {
      if (isStored && !isDoubted && next === 'publish') this.#mustBe(key, 'is being written');
    }
  }

  #mustBe(key: string, why: string): void {
    if (this.deep.bytesOf(key) === null) this.broken.push(`${key} ${why}, and is not there`);
  }
}
