import type { Outcome } from '../engines/engine.js';
import { ByteCache, type CacheCounts } from './byte-cache.js';
import { listBytes, rowsBytes } from './value-bytes.js';

/** A query whose answer may be known. */
export interface AskedResult {
  /** See `contentTag`. */
  readonly tag: string;
  /** Whether a known answer is wanted, and whether the answer may be kept. */
  readonly finds: boolean;
  readonly keeps: boolean;
  /** Raised when whoever asks no longer wants the answer. */
  readonly signal: AbortSignal;
  readonly make: () => Promise<Outcome>;
  /** Whether it took more to make the answer than to find it here; asked when it was made. */
  readonly isWorthIt: () => boolean;
  /** Whether nothing is missing of it: else nobody else gets it. Asked when it was made. */
  readonly isWhole: () => boolean;
}

export interface FoundResult {
  readonly outcome: Outcome;
  /** Nothing was read for it. */
  readonly isKnown: boolean;
}

/** Of an answer, beside its rows. */
const OUTCOME_BYTES = 500;

/**
 * Whole answers by content tag, which is another one whenever the answer may be. Who asks for what is being made waits for it, no longer than
 * its own time; where the one who makes it gives up, the next one makes it.
 */
export class ResultCache {
  readonly #answers: ByteCache<Outcome>;
  /** By tag: answers that are being made; null comes of those that were given up, or are not whole. */
  readonly #underway = new Map<string, Promise<Outcome | null>>();

  constructor(maxBytes: number, maxEntryBytes: number) {
    this.#answers = new ByteCache(maxBytes, maxEntryBytes);
  }

  get counts(): CacheCounts {
    return this.#answers.counts;
  }

  /** Throws as `make` does, and the signal's reason when it is raised. */
  async answer(asked: AskedResult): Promise<FoundResult> {
    if (!asked.finds) return { outcome: await this.#made(asked), isKnown: false };
    const { tag, signal } = asked;
    for (;;) {
      const underway = this.#underway.get(tag);
      if (underway === undefined) break;
      const outcome = await untilRaised(underway, signal);
      if (outcome === null) continue;
      this.#answers.count(true);
      return { outcome, isKnown: true };
    }
    const known = this.#answers.get(tag);
    this.#answers.count(known !== undefined);
    if (known !== undefined) return { outcome: known, isKnown: true };
    return { outcome: await this.#lead(asked), isKnown: false };
  }

  /** Makes the answer, for others that ask meanwhile, too. */
  async #lead(asked: AskedResult): Promise<Outcome> {
    const { tag, signal, isWhole } = asked;
    const making = this.#made(asked);
    const underway = making.then(
      (outcome) => (isWhole() ? outcome : null),
      (error: unknown) => {
        if (signal.aborted) return null;
        throw error;
      },
    );
    // Those who wait hear of it.
    underway.catch(() => undefined);
    this.#underway.set(tag, underway);
    try {
      return await making;
    } finally {
      this.#underway.delete(tag);
    }
  }

  async #made({ tag, keeps, make, isWorthIt, isWhole }: AskedResult): Promise<Outcome> {
    const outcome = await make();
    if (!keeps || !isWhole() || !isWorthIt()) return outcome;
    const most = this.#answers.mostValueBytes;
    const bytes = outcomeBytes(outcome, most);
    if (bytes <= most) this.#answers.add(tag, frozen(outcome), bytes);
    return outcome;
  }
}

function outcomeBytes({ rows, fields, buckets, batches }: Outcome, most: number): number {
  const lists = [fields, buckets, batches].reduce((sum, list) => sum + listBytes(list), 0);
  return OUTCOME_BYTES + lists + rowsBytes(rows, most);
}

/** Others are to be given the very same rows. */
function frozen(outcome: Outcome): Outcome {
  const { rows, fields, buckets, batches } = outcome;
  for (const list of [rows, fields, buckets, batches]) Object.freeze(list);
  for (const row of rows) {
    for (const value of row) if (Array.isArray(value)) Object.freeze(value);
    Object.freeze(row);
  }
  return Object.freeze(outcome);
}

/** What a promise gives, unless the signal is raised before. */
function untilRaised<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
