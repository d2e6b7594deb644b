/**
 * The items of `source` until the signal is aborted, also while the source keeps us waiting; then
 * throws the signal's reason. The source is told to stop and not waited for: it may hang.
 */
export async function* untilAborted<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  // Of the item that is waited for. One promise for all items would keep each of them: it outlives them all.
  let abandon = (): void => undefined;
  const onAbort = (): void => abandon();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await new Promise<IteratorResult<T>>((resolve, reject) => {
        abandon = () => reject(signal.reason);
        iterator.next().then(resolve, reject);
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    iterator.return?.().catch(() => undefined);
  }
}
