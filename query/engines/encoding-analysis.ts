import type { Long } from '../../core/index.js';
import { compareValues, type ValueType } from '../../model/index.js';
import type { ColumnDescription } from '../../segments/index.js';

/**
 * How a column is stored, in one segment or several: what it was stored as and what that was chosen over, with the bytes
 * of both; those of the runner-up are null where a segment had none.
 */
export interface EncodingAnalysis {
  readonly type: ValueType;
  /** Distinct, ascending. */
  readonly encodings: readonly string[];
  readonly bytes: number;
  readonly runnersUp: readonly string[];
  readonly runnerUpBytes: number | null;
  /** The most of a segment; null where one does not know. */
  readonly cardinality: number | null;
  readonly min: string | Long | null;
  readonly max: string | Long | null;
  readonly hasNulls: boolean;
  /** Bytes by kind. */
  readonly indexes: Readonly<Record<string, number>>;
}

export function encodingOf({ type, stats, storage }: ColumnDescription): EncodingAnalysis {
  const { cardinality, min, max, hasNulls, sizeBytes } = stats;
  const runnerUp = storage?.runnerUp ?? null;
  return {
    type,
    encodings: storage === undefined ? [] : [storage.encoding],
    bytes: sizeBytes,
    runnersUp: runnerUp === null ? [] : [runnerUp.encoding],
    runnerUpBytes: runnerUp?.sizeBytes ?? null,
    cardinality,
    min,
    max,
    hasNulls,
    indexes: Object.fromEntries(storage?.indexes.map((each) => [each.kind, each.sizeBytes]) ?? []),
  };
}

/** Of one column, which is of one type in both. */
export function mergeEncodings(a: EncodingAnalysis, b: EncodingAnalysis): EncodingAnalysis {
  const union = (x: readonly string[], y: readonly string[]) => [...new Set([...x, ...y])].sort();
  const order = compareValues(a.type);
  const extreme = (x: string | Long | null, y: string | Long | null, sign: number) =>
    x === null || (y !== null && order(x, y) * sign > 0) ? y : x;
  const indexes = { ...a.indexes };
  for (const [kind, bytes] of Object.entries(b.indexes))
    indexes[kind] = (indexes[kind] ?? 0) + bytes;
  return {
    type: a.type,
    encodings: union(a.encodings, b.encodings),
    bytes: a.bytes + b.bytes,
    runnersUp: union(a.runnersUp, b.runnersUp),
    runnerUpBytes: both(a.runnerUpBytes, b.runnerUpBytes, (x, y) => x + y),
    cardinality: both(a.cardinality, b.cardinality, Math.max),
    min: extreme(a.min, b.min, 1),
    max: extreme(a.max, b.max, -1),
    hasNulls: a.hasNulls || b.hasNulls,
    indexes,
  };
}

const both = (
  a: number | null,
  b: number | null,
  combine: (a: number, b: number) => number,
): number | null => (a === null || b === null ? null : combine(a, b));
