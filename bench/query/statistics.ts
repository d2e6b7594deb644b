/** The middle value; the upper one of two. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** The mean of ratios: twice as fast and half as fast make one. NaN of nothing. */
export function geometricMean(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** The geometric mean of `value` per group. Members of several groups count in each. */
export function meanPerGroup<T>(
  items: readonly T[],
  groupsOf: (item: T) => readonly string[],
  value: (item: T) => number,
): Map<string, { readonly mean: number; readonly count: number }> {
  const groups = new Map<string, number[]>();
  for (const item of items) {
    for (const group of groupsOf(item)) {
      groups.set(group, [...(groups.get(group) ?? []), value(item)]);
    }
  }
  return new Map(
    [...groups].map(([group, values]) => [
      group,
      { mean: geometricMean(values), count: values.length },
    ]),
  );
}
