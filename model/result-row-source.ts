import type { ResultRow, ResultTypes } from './post-aggregators/post-aggregator.js';
import { NULL_READER, type RowSource } from './rows.js';
import type { Value } from './types.js';

/**
 * Result rows as a `RowSource`, so that expressions and filters compiled once can be asked about
 * one result row after another: set `row`, then read.
 */
export class ResultRowSource implements RowSource {
  row: ResultRow = EMPTY;

  constructor(private readonly types: ResultTypes) {}

  column(name: string) {
    const type = this.types.get(name) ?? (name === '__time' ? 'LONG' : undefined);
    if (type === undefined) return NULL_READER;
    return { type, multiValue: type === 'STRING', exists: true, get: () => this.row.value(name) };
  }
}

const EMPTY: ResultRow = { value: () => null, state: () => null };

/** A row in which every field reads as its finalised value, also where its state is asked for. */
export function finalisedRow(row: ResultRow): ResultRow {
  const value = (name: string): Value => row.value(name);
  return { value, state: value };
}
