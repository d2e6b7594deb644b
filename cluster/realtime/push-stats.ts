import type { EngineStats } from '../../ingest/index.js';

/** How the push workers of several nodes are doing together. A table is one node's; positions are of logs that have nothing in common. */
export function addStats(all: readonly EngineStats[]): EngineStats {
  const sum = (field: 'waitingPushes' | 'waitingBytes' | 'logBytes' | 'memoryBytes') =>
    all.reduce((total, stats) => total + stats[field], 0);
  const max = (field: 'position' | 'lagMs') => Math.max(0, ...all.map((stats) => stats[field]));
  return {
    tables: all.flatMap(({ tables }) => tables),
    position: max('position'),
    waitingPushes: sum('waitingPushes'),
    waitingBytes: sum('waitingBytes'),
    lagMs: max('lagMs'),
    logBytes: sum('logBytes'),
    memoryBytes: sum('memoryBytes'),
    blocked: all.find(({ blocked }) => blocked !== null)?.blocked ?? null,
  };
}
