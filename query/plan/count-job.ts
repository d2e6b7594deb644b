import type { PartialResult } from '../engines/engine.js';
import type { QueryStats } from '../result.js';

/** Adds what a job did. */
export function countJob(stats: QueryStats, partial: PartialResult): void {
  stats.rowsScanned += partial.rowsScanned;
  if (partial.kind === 'times' || partial.compiled === null) return;
  if (partial.compiled) stats.compiledJobs++;
  else stats.interpretedJobs++;
}
