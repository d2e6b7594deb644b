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

/**
 * An operand that numbers are computed with: a state that it accesses counts with its finalised value, the only number
 * that it has.
 */
export function finalisedOperand(operand: (row: ResultRow) => Value): (row: ResultRow) => Value {
  return (row) => {
    const value = operand(row);
    if (typeof value !== 'object' || value === null) return value;
    const read = (name: string): Value => row.value(name);
    return operand({ value: read, state: read });
  };
}
