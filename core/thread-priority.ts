import { getPriority, setPriority } from 'node:os';

/** Of niceness: a thread has a third of the time of one that is so much before it, where both want the same core. */
const BEHIND = 5;
const LAST = 19;

/**
 * Lets the main thread go before this one where cores are scarce: it hands out work, answers from caches and refuses, and each
 * of these takes a moment that nothing else should wait for. Linux only, where niceness is of a thread ("C library/kernel
 * differences" in setpriority(2)); elsewhere it is of the process.
 */
export function goBehindMainThread(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(Math.min(getPriority() + BEHIND, LAST));
  } catch {
    // Where threads may not even step back, they work as they are.
  }
}
