/** A node that serves lookups, and the versions that it has, by name. */
export interface LookupNode {
  readonly name: string;
  readonly tier: string;
  readonly loaded: ReadonlyMap<string, string>;
}

/** What a node is to load, by name, and which lookups it is to drop. */
export interface LookupOrders<D> {
  readonly toLoad: ReadonlyMap<string, D>;
  readonly toDrop: readonly string[];
}

/**
 * What the nodes of each tier lack of its lookups, or have in another version, and what they have that is not defined any more. Nodes that
 * have all of it are not named. Pure.
 */
export function lookupOrders<D extends { readonly version: string }>(
  tiers: ReadonlyMap<string, ReadonlyMap<string, D>>,
  nodes: readonly LookupNode[],
): Map<string, LookupOrders<D>> {
  const orders = new Map<string, LookupOrders<D>>();
  for (const { name, tier, loaded } of nodes) {
    const wanted = tiers.get(tier) ?? new Map<string, D>();
    const toLoad = new Map(
      [...wanted].filter(([lookup, { version }]) => loaded.get(lookup) !== version),
    );
    const toDrop = [...loaded.keys()].filter((lookup) => !wanted.has(lookup)).sort();
    if (toLoad.size > 0 || toDrop.length > 0) orders.set(name, { toLoad, toDrop });
  }
  return orders;
}
