import type { ScanEngine } from '../engines/engine.js';
import type { DataSource } from '../native/query.js';
import { isExpansion, leafInputs } from './sources.js';

/**
 * The engine as the planner of scans is to see it, where other rows are made of a table's rows: what is known of these, be it by trees
 * or by sketches, tells nothing of the others, and each job makes values of its own.
 */
export function expandedEngine(engine: ScanEngine, source: DataSource): ScanEngine {
  if (!isExpansion(source)) return engine;
  return {
    ...engine,
    inputs: (query) => leafInputs(engine.inputs(query), source),
    withoutScan: (query, facts) => (facts.excluded ? engine.withoutScan(query, facts) : null),
    groups: () => null,
  };
}
