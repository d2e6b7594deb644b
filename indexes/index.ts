/**
 * indexes: which rows can match, before a column is read?
 *
 * An index is built from a column when a segment is written, stored as blocks behind the column's, and never needed: what
 * it answers, a scan answers too. Start at `types.ts`, then `registry.ts`.
 */
export { type CodeRange, type CodeSet, hasCode } from './codes.js';
export * from './column.js';
export { indexKindNamed, indexKinds, wantedKinds } from './registry.js';
export {
  complementRows,
  countRows,
  intersectRows,
  NO_ROWS,
  type RowSet,
  rowsIn,
  uniteRows,
} from './rows/row-set.js';
export { firstFrom, setWindow } from './rows/row-window.js';
export { buildStarTree } from './star-tree/build-tree.js';
export { type FoundRecords, findRecords, type StarTreeQuery } from './star-tree/find-records.js';
export { RowGroups } from './star-tree/row-groups.js';
export * from './star-tree/star-tree.js';
export { attachNodes, checkNodes, STAR_NODES, writeNodes } from './star-tree/stored-nodes.js';
export * from './types.js';
