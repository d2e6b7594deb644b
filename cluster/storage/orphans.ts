import type { Clock, Logger } from '../../core/index.js';
import { listAll, type ObjectStore } from './object-store.js';
import { SEGMENT_PREFIX } from './segment-transfer.js';

/** Objects that nobody named, and when that was first seen, by the steady clock of whoever looks. */
export type Suspects = ReadonlyMap<string, number>;

export interface OrphanVerdict {
  /** For the next round. */
  readonly suspects: Suspects;
  /** Suspects that were found so twice or more often, the grace time apart. */
  readonly orphans: readonly string[];
}

/**
 * Which objects nobody will miss. `named` must have been read after the objects were listed: an object is there before it is
 * named, so that one that is not named then was not published when it was listed, or is not any more.
 */
export function judgeOrphans(
  before: Suspects,
  listed: Iterable<string>,
  named: ReadonlySet<string>,
  nowMs: number,
  graceMs: number,
): OrphanVerdict {
  const suspects = new Map<string, number>();
  const orphans: string[] = [];
  for (const key of listed) {
    if (named.has(key)) continue;
    const sinceMs = before.get(key) ?? nowMs;
    suspects.set(key, sinceMs);
    if (before.has(key) && nowMs - sinceMs >= graceMs) orphans.push(key);
  }
  return { suspects, orphans };
}

/** What the metadata knows of objects. */
export interface ObjectNames {
  /** Keys that segments name, used or not, and those that are being written for segments to come. */
  named(): Promise<ReadonlySet<string>>;
  /**
   * Gives up, for ever and in one transaction, those of the keys that are still not named; a publish that names one of them
   * later is refused. Gives those that were given up, now or earlier.
   */
  giveUp(keys: readonly string[]): Promise<readonly string[]>;
}

export interface OrphanDutyOptions {
  readonly store: ObjectStore;
  readonly names: ObjectNames;
  /** Steady: it never goes back, and nobody else's time is compared with it. */
  readonly clock: Clock;
  readonly graceMs: number;
  readonly logger: Logger;
}

/** Of what is remembered from round to round. */
const MOST_SUSPECTS = 100_000;

/** Removes objects of segments that no metadata names: of jobs that died, and of segments that were killed. */
export class OrphanDuty {
  #suspects: Suspects = new Map();

  constructor(private readonly options: OrphanDutyOptions) {}

  get suspectCount(): number {
    return this.#suspects.size;
  }

  /** One round; gives how many objects it removed. What fails is tried again in the next one. */
  async run(signal: AbortSignal): Promise<number> {
    const { store, names, clock, graceMs, logger } = this.options;
    const keys: string[] = [];
    for await (const { key } of listAll(store, SEGMENT_PREFIX, signal)) keys.push(key);
    const named = await names.named();
    const verdict = judgeOrphans(this.#suspects, keys, named, clock.nowMs(), graceMs);
    this.#suspects = bounded(verdict.suspects);
    if (verdict.orphans.length === 0) return 0;
    const givenUp = await names.giveUp(verdict.orphans);
    for (const key of givenUp) {
      await store.remove(key, signal);
      logger.info({ key }, 'removed an object of deep storage that no segment names');
    }
    return givenUp.length;
  }
}

/** Those that were seen first are kept: the others come when those are gone. */
function bounded(suspects: Suspects): Suspects {
  if (suspects.size <= MOST_SUSPECTS) return suspects;
  const oldest = [...suspects].sort(([, a], [, b]) => a - b);
  return new Map(oldest.slice(0, MOST_SUSPECTS));
}
