import { ETERNITY } from '../../model/index.js';
import type { SegmentInventory } from '../inventory/segment-inventory.js';
import type { MetadataStore } from '../metadata/metadata-store.js';
import { type KillPeriods, latestOutdatedMs, outdated, type UnusedSegment } from './outdated.js';

type Tables = Pick<SegmentInventory, 'placed' | 'kill'>;

/** Segments of one transaction. */
const BATCH = 500;

/** Removes segments that have not counted for long enough, and their files. Gives how many, by table. */
export async function killOutdated(
  tables: Tables,
  store: MetadataStore,
  periods: KillPeriods,
  nowMs: number,
): Promise<Map<string, number>> {
  const killed = new Map<string, number>();
  const latestMs = latestOutdatedMs(periods, nowMs);
  if (latestMs === null) return killed;
  for (const [name, unused] of byTable(await store.segments.unusedSince(latestMs))) {
    const ids = outdated(unused, tables.placed(name), periods, nowMs);
    let count = 0;
    for (let at = 0; at < ids.length; at += BATCH) {
      count += await tables.kill(name, {
        interval: ETERNITY,
        versions: null,
        maxUsedChangedMs: null,
        ids: ids.slice(at, at + BATCH),
        limit: BATCH,
      });
    }
    if (count > 0) killed.set(name, count);
  }
  return killed;
}

function byTable(segments: readonly UnusedSegment[]): Map<string, UnusedSegment[]> {
  const tables = new Map<string, UnusedSegment[]>();
  for (const segment of segments) {
    const list = tables.get(segment.id.dataSource) ?? [];
    tables.set(segment.id.dataSource, list);
    list.push(segment);
  }
  return tables;
}
