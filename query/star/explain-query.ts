import type { ScanEngine } from '../engines/engine.js';
import type { NativeQuery } from '../native/query.js';
import type { TypesOf } from '../plan/column-facts.js';
import { wantedSketches } from '../plan/known-sketches.js';
import { prune } from '../plan/prune.js';
import type { TablePart } from '../tables.js';
import { tellOfTree } from './explain-tree.js';
import { planTree } from './plan-tree.js';
import { StarTreeSummary, type StarTreeSummaryJson } from './tree-summary.js';

/** Which star-trees of some parts a prepared query would read, found without reading anything. */
export function explainTrees(
  engine: ScanEngine,
  query: NativeQuery,
  parts: readonly TablePart[],
  types: TypesOf,
): StarTreeSummaryJson {
  const groups = engine.groups(query);
  const summary = new StarTreeSummary();
  const read = prune(query, parts, types).filter(
    (planned) =>
      engine.withoutScan(query, planned.facts) === null &&
      wantedSketches(engine, query, planned, types) === null,
  );
  for (const planned of read) {
    const tree = planTree(query, groups, planned, types);
    tellOfTree(summary, tree, query, groups, planned, types);
  }
  return summary.json(parts.length - read.length);
}
