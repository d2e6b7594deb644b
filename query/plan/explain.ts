import { rowColumn } from '../../model/index.js';
import { attachSegment } from '../../segments/index.js';
import { explainKernel } from '../compiler/explain.js';
import { scanEngineOf } from '../engines/registry.js';
import { castSegment, castsOf } from '../interpreter/cast-segment.js';
import type { NativeQuery } from '../native/query.js';
import { explainTrees } from '../star/explain-query.js';
import type { StarTreeSummaryJson } from '../star/tree-summary.js';
import type { TableSnapshot } from '../tables.js';
import { partsIn, tableNames } from './query-tables.js';
import { columnsIn, typesOf } from './table-columns.js';
import { WantedIndexes } from './wanted-indexes.js';

/** See `QueryEngine.explainKernel`. */
export async function kernelOf(
  query: NativeQuery,
  snapshotOf: (names: readonly string[]) => TableSnapshot,
): Promise<string | null> {
  if (query.dataSource.type === 'query') return kernelOf(query.dataSource.query, snapshotOf);
  const names = tableNames(query.dataSource);
  const engine = scanEngineOf(query);
  if (names === null || engine === undefined) return null;
  const snapshot = snapshotOf(names);
  try {
    const columns = columnsIn(snapshot, names);
    const prepared = engine.prepare(query, columns);
    const plan = engine.groups(prepared);
    const [part] = partsIn(snapshot, names, query);
    if (plan === null || part === undefined) return null;
    const inputs = engine.inputs(prepared);
    const { indexes } = new WantedIndexes(prepared).of(part);
    const pinned = await part.pin({ columns: inputs, indexes });
    try {
      const { handle } = pinned;
      const casts = castsOf(handle, typesOf(columns), new Set(inputs.map(rowColumn)));
      return explainKernel(prepared, plan, castSegment(attachSegment(handle), casts));
    } finally {
      pinned.release();
    }
  } finally {
    snapshot.release();
  }
}

/** See `QueryEngine.explainStarTrees`. */
export function treesOf(query: NativeQuery, snapshot: TableSnapshot): StarTreeSummaryJson | null {
  const { dataSource } = query;
  if (dataSource.type === 'query') return treesOf(dataSource.query, snapshot);
  const names = tableNames(dataSource);
  const engine = scanEngineOf(query);
  if (names === null || engine === undefined) return null;
  const columns = columnsIn(snapshot, names);
  const prepared = engine.prepare(query, columns);
  return explainTrees(engine, prepared, partsIn(snapshot, names, query), typesOf(columns));
}
