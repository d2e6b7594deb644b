import { type Clock, ConflictError, type Logger } from '../../core/index.js';
import type { ObjectState, ObjectWriter } from '../metadata/object-table.js';
import { type ObjectStore, PAGE_OBJECTS, type UnfinishedUpload } from './object-store.js';
import { SEGMENT_PREFIX } from './segment-transfer.js';
import { Suspects } from './suspects.js';

/** What the metadata know of objects: see `ObjectTable`. */
export interface ObjectNames {
  writers(): Promise<readonly ObjectWriter[]>;
  giveUp(writers: readonly ObjectWriter[]): Promise<number>;
  /** Asked for keys that were listed before. */
  states(keys: readonly string[]): Promise<ReadonlyMap<string, ObjectState>>;
}

/** Who lives, as the leader knows it. */
export interface LivingWriters {
  /** Processes, as `writerProcess` names them. */
  readonly processes: ReadonlySet<string>;
  /** Tasks that have not ended. */
  readonly tasks: ReadonlySet<string>;
}

export interface OrphanDutyOptions {
  readonly store: ObjectStore;
  /** No other cluster may have the same place in deep storage. */
  readonly clusterId: string;
  readonly names: ObjectNames;
  readonly living: () => Promise<LivingWriters>;
  /** Steady: it never goes back, and nobody else's time is compared with it. */
  readonly clock: Clock;
  readonly graceMs: number;
  readonly logger: Logger;
}

/** What one sweep has done. */
export interface SweepStats {
  readonly objects: number;
  readonly bytes: number;
  readonly uploads: number;
  /** Keys that were given up because who registered them is gone. */
  readonly givenUp: number;
  /** Objects that will go when their grace time is over. */
  readonly waiting: number;
}

const NOTHING = { objects: 0, bytes: 0, uploads: 0, givenUp: 0 };

/** An object that says whose all others are. */
const OWNER_KEY = 'cluster';

/** How a process is told from all others, also those that had its name. */
export const writerProcess = (of: { readonly name: string; readonly incarnation: string }) =>
  `${of.name} ${of.incarnation}`;

/**
 * Removes from deep storage what no segment will ever have: objects of jobs that died and of segments that were killed, and
 * what was sent of uploads that never ended.
 *
 * A key is registered before it is written and leaves that table when it is published or given up, so that an object that
 * was listed, and of which the metadata say nothing afterwards, is dead for ever: it may be removed at any later moment, by a
 * leader that does not lead any more, too. That a writer is gone is only a guess. Its keys are given up by it, and
 * should it live it cannot publish them any more.
 */
export class OrphanDuty {
  readonly #writers: Suspects;
  readonly #objects: Suspects;
  readonly #uploads: Suspects;
  #isOurs = false;
  #last: SweepStats = { ...NOTHING, waiting: 0 };

  constructor(private readonly options: OrphanDutyOptions) {
    const { clock, graceMs } = options;
    this.#writers = new Suspects(clock, graceMs);
    this.#objects = new Suspects(clock, graceMs);
    this.#uploads = new Suspects(clock, graceMs);
  }

  /** Of the last sweep, also of one that failed. */
  get last(): SweepStats {
    return this.#last;
  }

  /** One sweep. What fails is tried again in the next one. */
  async run(signal: AbortSignal): Promise<SweepStats> {
    const stats = { ...NOTHING };
    try {
      await this.#own(signal);
      stats.givenUp = await this.#giveUpLost();
      await this.#sweepObjects(stats, signal);
      await this.#sweepUploads(stats, signal);
    } finally {
      this.#last = { ...stats, waiting: this.#objects.count };
    }
    return this.#last;
  }

  /** Another cluster would take all that is ours for orphans, and we what is its. */
  async #own(signal: AbortSignal): Promise<void> {
    if (this.#isOurs) return;
    const { store, clusterId } = this.options;
    try {
      await store.put(OWNER_KEY, { chunks: [new TextEncoder().encode(clusterId)] }, signal);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      throw new ConflictError(
        `deep storage in ${store.description} belongs to another cluster: its object "${OWNER_KEY}" does not have the id ${clusterId} of this one. Nothing is removed there; give each cluster a folder or prefix of its own, or remove that object when the other cluster is no more`,
        {},
        error,
      );
    }
    this.#isOurs = true;
  }

  async #giveUpLost(): Promise<number> {
    const { names, living, logger } = this.options;
    const writers = await names.writers();
    // Asked for later: who had registered a key lived, and its task was known, before that.
    const { processes, tasks } = await living();
    const lost = writers.filter(({ node: name, incarnation, taskId }) =>
      taskId === null ? !processes.has(writerProcess({ name, incarnation })) : !tasks.has(taskId),
    );
    const due = lost.filter((writer) => this.#writers.see(JSON.stringify(writer)));
    this.#writers.endRound();
    if (due.length === 0) return 0;
    const count = await names.giveUp(due);
    logger.info({ writers: due.length, count }, 'gave up objects whose writers are gone');
    return count;
  }

  async #sweepObjects(stats: { objects: number; bytes: number }, signal: AbortSignal) {
    const { store, names } = this.options;
    for (let after: string | null = ''; after !== null; ) {
      const from = after === '' ? {} : { after };
      const { objects, next } = await store.list(SEGMENT_PREFIX, { signal, ...from });
      const states = await names.states(objects.map(({ key }) => key));
      for (const { key, sizeBytes } of objects) {
        if (states.has(key) || !this.#objects.see(key)) continue;
        await store.remove(key, signal);
        this.#objects.forget(key);
        stats.objects++;
        stats.bytes += sizeBytes;
      }
      after = next;
    }
    this.#objects.endRound();
    if (stats.objects > 0) {
      this.options.logger.info(stats, 'removed objects of deep storage that no segment has');
    }
  }

  async #sweepUploads(stats: { uploads: number }, signal: AbortSignal): Promise<void> {
    let some: UnfinishedUpload[] = [];
    for await (const upload of this.options.store.unfinished(SEGMENT_PREFIX, signal)) {
      some.push(upload);
      if (some.length < PAGE_OBJECTS) continue;
      await this.#abandon(some, stats, signal);
      some = [];
    }
    await this.#abandon(some, stats, signal);
    this.#uploads.endRound();
  }

  /** Of a key that a segment has, too: it was published by another upload. */
  async #abandon(
    uploads: readonly UnfinishedUpload[],
    stats: { uploads: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { store, names } = this.options;
    const states = await names.states(uploads.map(({ key }) => key));
    for (const upload of uploads) {
      const seen = `${upload.key} ${upload.id}`;
      if (states.get(upload.key) === 'writing' || !this.#uploads.see(seen)) continue;
      await store.abandon(upload, signal);
      this.#uploads.forget(seen);
      stats.uploads++;
    }
  }
}
