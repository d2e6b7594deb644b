/** A push table and the node that takes its rows; null: none has yet. */
export interface OwnedTable {
  readonly name: string;
  readonly owner: string | null;
  /** Whether all rows that its owner took are published. */
  readonly isDrained: boolean;
}

/** A node that may own tables. */
export interface OwnerNode {
  readonly name: string;
  readonly isDecommissioned: boolean;
}

/**
 * The owners that change, by table. A table without one goes to the node that has fewest, the first by name among equals; nothing is
 * moved to even them out. A table keeps its owner, even one that is lost, for its rows are in that node's log; only from a decommissioned
 * one it goes away, once it is drained. Pure.
 */
export function chooseOwners(
  tables: readonly OwnedTable[],
  nodes: readonly OwnerNode[],
): Map<string, string> {
  const decommissioned = new Set(
    nodes.flatMap(({ name, isDecommissioned }) => (isDecommissioned ? name : [])),
  );
  const counts = new Map<string, number>(
    nodes.flatMap(({ name, isDecommissioned }) => (isDecommissioned ? [] : [[name, 0] as const])),
  );
  for (const { owner } of tables) {
    if (owner !== null && counts.has(owner)) counts.set(owner, counts.get(owner)! + 1);
  }
  const isFree = ({ owner, isDrained }: OwnedTable): boolean =>
    owner === null || (isDrained && decommissioned.has(owner));
  const chosen = new Map<string, string>();
  for (const { name } of tables.filter(isFree).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const [owner, count] =
      [...counts].sort(([a, some], [b, others]) => some - others || (a < b ? -1 : 1))[0] ?? [];
    if (owner === undefined || count === undefined) break;
    counts.set(owner, count + 1);
    chosen.set(name, owner);
  }
  return chosen;
}
