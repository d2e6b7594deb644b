import { murmur3Of } from '../../../core/index.js';
import { type PackedAnswers, packAnswers, type Remembered, unpackAnswers } from './answers.js';

/** Characters of all remembered keys together. */
const MAX_CHARS = 2 ** 22;

/** Forgotten keys of which the hash is kept. */
const MAX_HASHES = 250_000;

/** RFC 9562, section 5.7: the first 48 bits are milliseconds since 1970. */
const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** Keys with answers; hashes of forgotten keys; the greatest time of a forgotten UUID. */
export type PackedKeys = readonly [readonly string[], PackedAnswers, readonly number[], number];

/**
 * The answers to the last idempotency keys. Of a forgotten key it stays known that it was taken:
 *
 *   UUID version 7   for ever: whatever is not newer than the newest forgotten one is refused
 *   any other        as long as its hash is kept, for 250,000 keys more. Equal hashes cost a refusal
 */
export class KeyWindow {
  /** Oldest first. */
  readonly #answers = new Map<string, Remembered>();
  /** Of forgotten keys; oldest first. */
  readonly #hashes = new Set<number>();
  #newestForgottenMs = -1;
  #chars = 0;

  get answers(): Remembered[] {
    return [...this.#answers.values()];
  }

  answer(key: string): Remembered | undefined {
    return this.#answers.get(key);
  }

  /** Whether a key that is not remembered was taken, or may have been. */
  isForgotten(key: string): boolean {
    const timeMs = timeOf(key);
    return timeMs === null ? this.#hashes.has(hashOf(key)) : timeMs <= this.#newestForgottenMs;
  }

  /** Adds a key that is neither remembered nor forgotten; gives the answers that are forgotten for it. */
  add(key: string, answer: Remembered, maxKeys: number): Remembered[] {
    this.#answers.set(key, answer);
    this.#chars += key.length;
    const dropped: Remembered[] = [];
    for (const [oldest, forgotten] of this.#answers) {
      if (this.#answers.size <= maxKeys && this.#chars <= MAX_CHARS) break;
      this.#answers.delete(oldest);
      this.#chars -= oldest.length;
      this.#forget(oldest);
      dropped.push(forgotten);
    }
    return dropped;
  }

  #forget(key: string): void {
    const timeMs = timeOf(key);
    if (timeMs !== null) {
      this.#newestForgottenMs = Math.max(this.#newestForgottenMs, timeMs);
      return;
    }
    this.#hashes.add(hashOf(key));
    if (this.#hashes.size <= MAX_HASHES) return;
    for (const oldest of this.#hashes) {
      this.#hashes.delete(oldest);
      break;
    }
  }

  pack(): PackedKeys {
    const answers = packAnswers(this.answers);
    return [[...this.#answers.keys()], answers, [...this.#hashes], this.#newestForgottenMs];
  }

  static unpack([keys, packed, hashes, newestForgottenMs]: PackedKeys): KeyWindow {
    const window = new KeyWindow();
    const answers = unpackAnswers(packed);
    for (const [i, key] of keys.entries()) {
      window.#answers.set(key, answers[i]!);
      window.#chars += key.length;
    }
    for (const hash of hashes) window.#hashes.add(hash);
    window.#newestForgottenMs = newestForgottenMs;
    return window;
  }
}

/** When a UUID of version 7 was made; null for any other key. */
function timeOf(key: string): number | null {
  const [, high, low] = UUID_V7.exec(key) ?? [];
  return high === undefined || low === undefined ? null : Number.parseInt(high + low, 16);
}

const words = new Uint32Array(4);

/** 53 bits of a text. */
export function hashOf(text: string): number {
  murmur3Of(text, 0, words);
  return words[0]! + (words[1]! >>> 11) * 2 ** 32;
}
