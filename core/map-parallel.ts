/**
 * What `use` makes of items, in their order, of so many at the same time. Where one fails, no other begins, and it rejects with the
 * first failure when those that were under way have ended.
 */
export async function mapParallel<T, R>(
  items: readonly T[],
  count: number,
  use: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const entries = items.entries();
  let failure: { readonly error: unknown } | null = null;
  // All take from one iterator.
  const work = async () => {
    for (const [i, item] of entries) {
      try {
        results[i] = await use(item);
      } catch (error) {
        failure ??= { error };
      }
      if (failure !== null) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, items.length) }, work));
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
  return results;
}
