import { setImmediate } from 'node:timers/promises';
import type { Clock } from './world.js';

/** A computation that gives way now and then: whoever runs it may let others have their turn in between. */
export type Turns<T> = Generator<void, T, void>;

/** Items that are done without giving way: they take a few milliseconds, at a microsecond each. */
const ITEMS_AT_ONCE = 4096;

/** How long others wait for their turn, where nobody does more at once. */
const TURN_MS = 4;

/** Calls `piece` for all of [0, n), a part at a time. */
export function* inPieces(n: number, piece: (from: number, to: number) => void): Turns<void> {
  for (let from = 0; from < n; from += ITEMS_AT_ONCE) {
    if (from > 0) yield;
    piece(from, Math.min(n, from + ITEMS_AT_ONCE));
  }
}

/** What `of` makes of each item. */
export function* mapInPieces<T, R>(items: readonly T[], of: (item: T) => R): Turns<R[]> {
  const made = new Array<R>(items.length);
  yield* inPieces(items.length, (from, to) => {
    for (let i = from; i < to; i++) made[i] = of(items[i]!);
  });
  return made;
}

/** Tells a loop that has no pieces when it is to give way. */
export class Pace {
  #left = ITEMS_AT_ONCE;

  /** Counts items that were worked on; true when others are to have their turn. */
  isDue(items: number): boolean {
    this.#left -= items;
    if (this.#left > 0) return false;
    this.#left = ITEMS_AT_ONCE;
    return true;
  }
}

/** Runs it without giving way, as is right in a thread that does nothing else meanwhile. */
export function atOnce<T>(work: Turns<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Runs it, giving way to all that waits for this thread's event loop. Throws what `signal` was raised with while others had their turn. */
export async function inTurns<T>(work: Turns<T>, clock: Clock, signal: AbortSignal): Promise<T> {
  let startMs = clock.nowMs();
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    if (clock.nowMs() - startMs < TURN_MS) continue;
    await setImmediate();
    signal.throwIfAborted();
    startMs = clock.nowMs();
  }
}
