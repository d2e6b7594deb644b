import { VirtualDisk } from '../../core/index.js';
import { InlineExecutor } from '../executor/inline-executor.js';
import type { QueryLimits } from '../limits.js';
import type { QueryEngine } from '../query-engine.js';
import type { TableProvider } from '../tables.js';
import { testEngine } from '../testing.js';
import { SpillSpace } from './spill-space.js';

export const SPILL_DIRECTORY = '/spill';

/** For tests: an engine that scans a few rows at a time and, where it may, writes all of their groups to disk. */
export function spillingEngine(
  tables: TableProvider,
  rowsPerJob: number,
  disk = new VirtualDisk(),
  limits: Partial<QueryLimits> = {},
  leastSpillBytes = 0,
): QueryEngine {
  const spillSpace = new SpillSpace(disk, SPILL_DIRECTORY, limits.maxSpillBytes ?? 2 ** 30);
  const executor = new InlineExecutor(disk);
  return testEngine(tables, { rowsPerJob, spillSpace, executor, limits, leastSpillBytes });
}
