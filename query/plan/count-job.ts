import type { PartialResult } from '../engines/engine.js';
import type { QueryStats } from '../result.js';
import type { PinnedBatch } from './pinned-batch.js';
import { isFew, type PartUnit } from './scan-units.js';

/** Adds what a job did. */
export function countJob(stats: QueryStats, partial: PartialResult): void {
  stats.rowsScanned += partial.rowsScanned;
  if (partial.kind === 'times' || partial.compiled === null) return;
  if (partial.compiled) stats.compiledJobs++;
  else stats.interpretedJobs++;
}

/** Adds a segment of which indexes leave few rows; gives what came. */
export function countIndexed(stats: QueryStats, unit: PartUnit): PartUnit {
  const { needs, plan } = unit;
  if (!isFew(unit) || needs.mostRows >= plan.part.rowCount) return unit;
  stats.indexedSegments++;
  stats.indexedRows += Math.ceil(needs.mostRows);
  return unit;
}

/** Adds what was read from files for these segments. */
export function countLoaded(stats: QueryStats, { pinned }: PinnedBatch): void {
  for (const each of pinned) stats.loadedBytes += each?.loadedBytes ?? 0;
}
