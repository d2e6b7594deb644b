import type { LookupTable } from '../../model/index.js';
import type { ColumnSchema, ScanEngine } from '../engines/engine.js';
import { expandedEngine } from '../expansion/expanded-engine.js';
import { LOOKUP_FIELDS } from '../interpreter/lookup-segment.js';
import type { RowBlock } from '../interpreter/rows-segment.js';
import type { NativeQuery } from '../native/query.js';
import type { ResultField } from '../result.js';
import { scanShares } from '../shares/scan-shares.js';
import type { TablePart } from '../tables.js';
import { type ScanOptions, type ScanResults, scanParts } from './scan-parts.js';
import { scanBlock, scanLookup } from './scan-rows-in-memory.js';

/** Rows to scan: their columns, and how they are scanned once the query is prepared for them. */
export interface Rows {
  readonly columns: readonly ColumnSchema[];
  /** Of tables. */
  readonly parts?: readonly TablePart[];
  scan(
    engine: ScanEngine,
    prepared: NativeQuery,
    options: ScanOptions,
    signal: AbortSignal,
  ): Promise<ScanResults>;
  /** Gives back what the rows are made from, when they have been scanned. */
  readonly release?: () => void;
}

/** Those of tables: what this process has it scans, what others have they do. */
export const tableRows = (columns: readonly ColumnSchema[], parts: readonly TablePart[]): Rows => ({
  columns,
  parts,
  scan(engine, prepared, options, signal) {
    const scanning = expandedEngine(engine, prepared.dataSource);
    const holder = parts[0]?.holder;
    return holder === undefined
      ? scanParts(scanning, prepared, parts, options, signal)
      : scanShares(scanning, prepared, parts, holder, options, signal);
  },
});

/** Those of a block, be they inline or made of an answer. */
export const blockRows = (block: RowBlock): Rows => ({
  columns: columnsOf(block.fields),
  scan: (_engine, prepared, options, signal) => scanBlock(prepared, block, options, signal),
});

/** The pairs of a lookup. */
export const lookupRows = (table: LookupTable): Rows => ({
  columns: columnsOf(LOOKUP_FIELDS),
  scan: (_engine, prepared, options, signal) => scanLookup(prepared, table, options, signal),
});

/** How the columns of an answer look to those who scan it. */
export const columnsOf = (fields: readonly ResultField[]): ColumnSchema[] =>
  fields.map((field) => ({
    ...field,
    multiValue: field.type === 'STRING',
    role: field.name === '__time' ? 'time' : 'dimension',
  }));
