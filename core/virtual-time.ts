import { invariant } from './errors.js';
import type { Timers } from './timers.js';
import type { Clock } from './world.js';

interface Due {
  readonly atMs: number;
  /** Of those that are due at one time, who came first goes first. */
  readonly number: number;
  /** null: nobody waits for it any more. */
  run: (() => void) | null;
}

/**
 * A clock and its timers that stand still until `run`: time goes by as fast as there is nothing left to do, so an hour
 * of waiting takes no time. Whoever is simulated does all its waiting here, or by promises alone.
 */
export class VirtualTime implements Clock, Timers {
  #nowMs: number;
  #count = 0;
  /** A heap: none is due before its parent. */
  readonly #heap: Due[] = [];

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const due: Due = { atMs: this.#nowMs + Math.max(0, delayMs), number: this.#count++, run };
    this.#push(due);
    return () => {
      due.run = null;
    };
  }

  /** Lets `durationMs` go by. Between any two timers all promises that can settle do. */
  async run(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    await settle();
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > endMs) break;
      this.#pop();
      if (next.run === null) continue;
      this.#nowMs = next.atMs;
      next.run();
      await settle();
    }
    this.#nowMs = endMs;
  }

  /** Lets time go by until `promise` settles, at most `limitMs`. */
  async until<T>(promise: Promise<T>, limitMs: number): Promise<T> {
    let isSettled = false;
    const done = () => {
      isSettled = true;
    };
    promise.then(done, done);
    const endMs = this.#nowMs + limitMs;
    await settle();
    while (!isSettled) {
      const next = this.#heap[0];
      invariant(next !== undefined && next.atMs <= endMs, `nothing came within ${limitMs} ms`);
      await this.run(next.atMs - this.#nowMs);
    }
    return promise;
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!isBefore(due, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = due;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

const isBefore = (a: Due, b: Due): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.number < b.number);

/** Everything that waits for promises alone goes on before this does. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
