/** The seam to waiting: protocol code takes it as an argument and sets no timers of its own. */
export interface Timers {
  /** Calls `run` once after `delayMs`, unless the function that it gives is called before. */
  after(delayMs: number, run: () => void): () => void;
}

/** The longest delay a timer of Node takes. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The real timers. They do not keep a process alive. */
export const systemTimers: Timers = {
  after: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), MAX_DELAY_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Waits for `delayMs`; rejects with the signal's reason when it is raised before. */
export function pause(timers: Timers, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = timers.after(delayMs, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
