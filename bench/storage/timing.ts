/** The least time of so many runs, in milliseconds: on a busy machine the rest is other people's. Gives the last result, too. */
export function fastest<T>(
  rounds: number,
  run: () => T,
): { readonly ms: number; readonly result: T } {
  let ms = Number.POSITIVE_INFINITY;
  let result: T;
  let round = 0;
  do {
    const start = performance.now();
    result = run();
    ms = Math.min(ms, performance.now() - start);
  } while (++round < rounds);
  return { ms, result };
}

/** Runs so often that a clock can tell: about so many milliseconds in all, once at least. Milliseconds of one run. */
export function fastestOfMany(rounds: number, run: () => unknown, aboutMs = 5): number {
  const once = fastest(2, run).ms;
  const times = Math.max(1, Math.round(aboutMs / Math.max(once, 1e-4)));
  const { ms } = fastest(rounds, () => {
    for (let i = 0; i < times; i++) run();
  });
  return ms / times;
}

/** Three digits or so. */
export const shown = (value: number): string =>
  value.toFixed(value >= 100 || value === 0 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3);
