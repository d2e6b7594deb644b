import { isNull } from '../../core/index.js';
import type { Aggregator } from '../../model/index.js';
import type { ScanColumn, Segment } from '../../segments/index.js';
import type { StateColumn } from '../interpreter/state-column.js';
import { nullsOf, type RecordBatch, storedCodes } from './record-batch.js';
import type { RecordGroups } from './record-groups.js';

/** Numbers of records as doubles, which hold all of them exactly. */
interface RecordNumbers {
  readonly values: Float64Array;
  /** 1 where there is none; null where all are there. */
  readonly missing: Uint8Array | null;
  /** No number is larger, whatever its sign; infinite where that is not known. */
  readonly most: number;
}

type NumberForm = Extract<
  NonNullable<Aggregator['form']>,
  { readonly kind: 'sum' | 'min' | 'max' }
>;

/** Whether an aggregator takes the numbers of a column as they are. */
export function takesNumbers({ form }: Aggregator): boolean {
  const isNumber = form?.kind === 'sum' || form?.kind === 'min' || form?.kind === 'max';
  return isNumber && form.input.expression === null;
}

/**
 * The states of an aggregator that takes numbers of a stored metric as they are; null where it does not, or where doubles would
 * not give the same.
 */
export function foldNumbers(
  batches: readonly RecordBatch[],
  { form }: Aggregator,
  found: RecordGroups,
): StateColumn | null {
  if (form?.kind !== 'sum' && form?.kind !== 'min' && form?.kind !== 'max') return null;
  if (form.input.expression !== null) return null;
  const numbers = numbersOf(batches, form.input.inputs[0]!, form.type, found.groups.length);
  if (numbers === null || (form.type === 'LONG' && !areExact(numbers, form.kind))) return null;
  const states = new Float64Array(found.groupCount).fill(neutral(form));
  fold(form, states, numbers, found.groups);
  return numbers.missing === null ? states : withNulls(states, numbers.missing, found.groups);
}

/** What a number leaves as it is: of doubles -0 does that even to itself. */
function neutral({ kind, type }: NumberForm): number {
  if (kind === 'sum') return type === 'LONG' ? 0 : -0;
  return kind === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}

function fold(
  { kind, type }: NumberForm,
  states: Float64Array,
  { values, missing }: RecordNumbers,
  groups: Uint32Array,
): void {
  if (kind !== 'sum') {
    const merge = kind === 'min' ? Math.min : Math.max;
    for (let i = 0; i < values.length; i++) {
      if (missing?.[i] !== 1) states[groups[i]!] = merge(states[groups[i]!]!, values[i]!);
    }
  } else if (type === 'FLOAT') {
    for (let i = 0; i < values.length; i++) {
      if (missing?.[i] !== 1) states[groups[i]!] = Math.fround(states[groups[i]!]! + values[i]!);
    }
  } else {
    // Where a number is missing there is a neutral one.
    for (let i = 0; i < values.length; i++) states[groups[i]!]! += values[i]!;
  }
}

/** Whether all numbers are safe integers, and their sums, whichever of them are added. */
function areExact({ values, most: limit }: RecordNumbers, kind: NumberForm['kind']): boolean {
  if (limit * values.length <= Number.MAX_SAFE_INTEGER) return true;
  let sum = 0;
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    sum += size;
    if (size > most) most = size;
  }
  return (kind === 'sum' ? sum : most) <= Number.MAX_SAFE_INTEGER;
}

/** A group has no state where all of its numbers are missing. */
function withNulls(states: Float64Array, missing: Uint8Array, groups: Uint32Array): StateColumn {
  const isThere = new Uint8Array(states.length);
  for (let i = 0; i < groups.length; i++) if (missing[i] === 0) isThere[groups[i]!] = 1;
  return Array.from(states, (state, group) => (isThere[group] === 1 ? state : null));
}

/** Null where the column holds others than the aggregator takes. */
function numbersOf(
  batches: readonly RecordBatch[],
  name: string,
  type: NumberForm['type'],
  count: number,
): RecordNumbers | null {
  const values = new Float64Array(count);
  let missing: Uint8Array | null = null;
  let most = 0;
  for (const { scan, tree, records, from } of batches) {
    const { segment } = tree;
    most = Math.max(most, largestOf(segment, name));
    const reader = scan.cursor.column(name);
    if (reader.type !== type) return null;
    const into = values.subarray(from, from + records.length);
    const column = segment.scanColumn(name);
    if (column === null || !readNumbers(segment, column, records, into)) {
      readCells(scan, name, records, into);
    }
    const nulls = column && nullsOf(segment, column);
    if (nulls === null) continue;
    missing ??= new Uint8Array(count);
    for (let i = 0; i < records.length; i++) {
      if (!isNull(nulls, records[i]!)) continue;
      missing[from + i] = 1;
      into[i] = -0;
    }
  }
  return { values, missing, most };
}

/** No number of a column of a tree is larger, whatever its sign; infinite where nobody knows. */
function largestOf(segment: Segment, name: string): number {
  const { min, max } = segment.describe(name)?.stats ?? { min: null, max: null };
  if (min === null || max === null) return Number.POSITIVE_INFINITY;
  return Math.max(Math.abs(Number(min)), Math.abs(Number(max)));
}

/** False for layouts that are rare. */
function readNumbers(
  segment: Segment,
  column: ScanColumn,
  records: Uint32Array,
  into: Float64Array,
): boolean {
  const { layout, base, unit, address } = column;
  const { buffer } = segment.scanMemory!.memory;
  if (layout === 'deltas' && typeof base === 'number') {
    const deltas = storedCodes(segment, column);
    for (let i = 0; i < records.length; i++) into[i] = base + unit * deltas[records[i]!]!;
    return true;
  }
  if (layout === 'longs') {
    const low = new Uint32Array(buffer, address, 2 * segment.rowCount);
    const high = new Int32Array(buffer, address, 2 * segment.rowCount);
    for (let i = 0; i < records.length; i++) {
      const at = 2 * records[i]!;
      into[i] = high[at + 1]! * 2 ** 32 + low[at]!;
    }
    return true;
  }
  if (layout !== 'doubles') return false;
  const doubles = new Float64Array(buffer, address, segment.rowCount);
  for (let i = 0; i < records.length; i++) into[i] = doubles[records[i]!]!;
  return true;
}

function readCells(
  { cursor }: RecordBatch['scan'],
  name: string,
  records: Uint32Array,
  into: Float64Array,
): void {
  const reader = cursor.column(name);
  for (let i = 0; i < records.length; i++) {
    cursor.row = records[i]!;
    into[i] = Number(reader.get());
  }
}
