import type { SegmentInventory } from '../inventory/segment-inventory.js';
import { expired } from './expired.js';
import { DEFAULT_RULES, type RetentionRules } from './retention-rules.js';

type Tables = Pick<SegmentInventory, 'dataSources' | 'placed' | 'markUnused'>;

/** Drops what the rules of each table drop now. Gives how many segments, by table. */
export async function applyRules(
  tables: Tables,
  rules: RetentionRules,
  nowMs: number,
): Promise<Map<string, number>> {
  const all = await rules.all();
  const dropped = new Map<string, number>();
  for (const name of tables.dataSources()) {
    const inForce = [...(all.get(name) ?? []), ...(all.get(DEFAULT_RULES) ?? [])];
    const ids = expired(tables.placed(name), inForce, nowMs);
    if (ids.length === 0) continue;
    const count = await tables.markUnused(name, { kind: 'ids', ids });
    // A tombstone that is needed stays, and is found again each time.
    if (count > 0) dropped.set(name, count);
  }
  return dropped;
}
