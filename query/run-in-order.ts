/**
 * Runs tasks, at most `concurrency` at once, and returns their results in the order of the tasks.
 * When `isEnough` accepts the results so far (always an unbroken beginning), later tasks are not
 * started and what they gave is dropped. After a failure, or when `signal` is raised, the running
 * tasks are told to stop and are waited for; then the first failure is thrown.
 */
export async function runInOrder<T>(
  tasks: readonly ((signal: AbortSignal) => Promise<T>)[],
  concurrency: number,
  signal: AbortSignal,
  isEnough: (results: readonly T[]) => boolean,
): Promise<T[]> {
  const results = new Map<number, T>();
  const prefix: T[] = [];
  const failures: unknown[] = [];
  const stop = new AbortController();
  const stopSignal = AbortSignal.any([signal, stop.signal]);
  let next = 0;
  let isDone = false;
  const extendPrefix = () => {
    while (!isDone && results.has(prefix.length)) {
      prefix.push(results.get(prefix.length)!);
      isDone = isEnough(prefix);
    }
  };
  const lane = async () => {
    while (!isDone && !stopSignal.aborted && next < tasks.length) {
      const index = next++;
      try {
        results.set(index, await tasks[index]!(stopSignal));
        extendPrefix();
      } catch (error) {
        failures.push(error);
        stop.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, tasks.length) }, lane));
  signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
  return prefix;
}
