/**
 * indexes: which rows can match, before a column is read?
 *
 * An index is built from a column when a segment is written, stored as blocks behind the column's, and never needed: what
 * it answers, a scan answers too. Start at `types.ts`, then `registry.ts`.
 */
export * from './column.js';
export { indexKindNamed, indexKinds } from './registry.js';
export type { RowSet } from './rows/row-set.js';
export * from './types.js';
