/** What a promise gives, or the reason of the signal where that is raised before; the promise goes on for others. */
export function orRaised<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // Nobody may be left to hear that it failed.
  promise.catch(() => undefined);
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
