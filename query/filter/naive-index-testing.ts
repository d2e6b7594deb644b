import { utf8Decode } from '../../core/index.js';
import {
  type ColumnIndex,
  hasCode,
  type IndexPredicate,
  type RowSet,
} from '../../indexes/index.js';
import { compareNumbers, type NumberRange, type Value } from '../../model/index.js';
import type { Segment } from '../../segments/index.js';

/** For tests: the segment with an index for every column that looks at all rows, and answers in one way or another, or not at all. */
export function withNaiveIndexes(segment: Segment, seed: number): Segment {
  const known = new Map<string, ColumnIndex | null>();
  return {
    ...facts(segment),
    describe: (name) => segment.describe(name),
    cursor: () => segment.cursor(),
    scanColumn: (name) => segment.scanColumn(name),
    index(column, kind) {
      if (kind !== 'inverted') return null;
      const index = known.get(column) ?? naiveIndex(segment, column, seed + known.size);
      known.set(column, index);
      return index;
    },
  };
}

function facts(segment: Segment): Omit<Segment, 'describe' | 'cursor' | 'scanColumn' | 'index'> {
  const { rowCount, minTimeMs, maxTimeMs, sortedByTime, isTransient, lineage } = segment;
  const { columns, aggregators, rollup, queryGranularity, scanMemory } = segment;
  const rows = { rowCount, minTimeMs, maxTimeMs, sortedByTime, isTransient, lineage };
  return { ...rows, columns, aggregators, rollup, queryGranularity, scanMemory };
}

function naiveIndex(segment: Segment, column: string, seed: number): ColumnIndex | null {
  const passes = rowTest(segment, column);
  if (passes === null) return null;
  const rowsOf = (predicate: IndexPredicate): number[] | null => {
    const test = passes(predicate);
    return test && Array.from({ length: segment.rowCount }, (_, row) => row).filter(test);
  };
  const mood = (predicate: IndexPredicate): number => moodOf(seed, predicate);
  return {
    estimate(predicate) {
      const rows = rowsOf(predicate);
      const isVague = mood(predicate) % 3 === 0;
      return rows && Math.min(segment.rowCount, rows.length + (isVague ? 5 : 0));
    },
    rows(predicate) {
      const rows = rowsOf(predicate);
      const own = mood(predicate);
      if (rows === null || own % 13 === 0) return null;
      const exact = own % 5 !== 0;
      const more = exact ? [] : [0, segment.rowCount >> 1].filter((row) => row < segment.rowCount);
      const all = [...new Set([...rows, ...more])].sort((a, b) => a - b);
      return { rows: formed(all, segment.rowCount, own >>> 4), exact };
    },
  };
}

/** The same for the same predicate. */
function moodOf(seed: number, predicate: IndexPredicate): number {
  const text = JSON.stringify(predicate, (_, each) =>
    typeof each === 'bigint' ? String(each) : each,
  );
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function formed(rows: readonly number[], rowCount: number, form: number): RowSet {
  if (form % 3 === 0) return { kind: 'rows', rows: Uint32Array.from(rows) };
  if (form % 3 === 1) {
    const starts = rows.filter((row, i) => rows[i - 1] !== row - 1);
    const ends = rows.filter((row, i) => rows[i + 1] !== row + 1).map((row) => row + 1);
    return {
      kind: 'ranges',
      ranges: Uint32Array.from(starts.flatMap((start, i) => [start, ends[i]!])),
    };
  }
  const bits = new Uint32Array(Math.ceil(rowCount / 32));
  for (const row of rows) bits[row >>> 5]! |= 1 << (row & 31);
  return { kind: 'bits', bits };
}

type RowTest = (row: number) => boolean;

/** Null for a column that no index is made of; and for predicates that are none of the column. */
function rowTest(
  segment: Segment,
  column: string,
): ((predicate: IndexPredicate) => RowTest | null) | null {
  const described = segment.columns.find(({ name }) => name === column);
  if (described === undefined || column === '__time') return null;
  const cursor = segment.cursor();
  const reader = cursor.column(column);
  const at =
    <T>(read: () => T) =>
    (row: number): T => {
      cursor.row = row;
      return read();
    };
  const cell = at(() => reader.get());
  const { type, multiValue } = described;
  if (type === 'STRING') {
    const { dictionary } = reader;
    const codes = multiValue
      ? elementCodes(segment, column, cell)
      : dictionary && at(() => [dictionary.id()]);
    return (predicate) =>
      predicate.kind === 'codes' && codes
        ? (row) => codes(row).some((code) => hasCode(predicate.codes, code))
        : null;
  }
  if (type !== 'LONG' && type !== 'DOUBLE' && type !== 'FLOAT') return null;
  return (predicate) => {
    if (predicate.kind === 'nulls') return (row) => cell(row) === null;
    if (predicate.kind !== 'numbers') return null;
    const { ranges, points } = predicate;
    return (row) => {
      const value = cell(row) as number | bigint | null;
      if (value === null) return false;
      if (points.some((point) => compareNumbers(value, point) === 0)) return true;
      return ranges.some((range) => isInRange(value, range));
    };
  };
}

/** Codes of the elements of a row's cell; that behind all others where it has none. */
function elementCodes(
  segment: Segment,
  column: string,
  cell: (row: number) => Value,
): ((row: number) => number[]) | undefined {
  const elements = segment.scanColumn(column)?.elements;
  const memory = segment.scanMemory?.memory;
  if (elements === undefined || memory === undefined) return undefined;
  const { texts, size } = elements;
  const offsets = new Uint32Array(memory.buffer, texts.offsets, size + 1);
  const bytes = new Uint8Array(memory.buffer, texts.bytes, offsets[size]);
  const codeOf = new Map<unknown, number>();
  for (let code = 0; code < size; code++) {
    const isNull = code === 0 && texts.hasNull;
    codeOf.set(isNull ? null : utf8Decode(bytes.slice(offsets[code], offsets[code + 1])), code);
  }
  return (row) => {
    const value = cell(row);
    if (value === null || (Array.isArray(value) && value.length === 0)) return [size];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.map((element) => codeOf.get(element)!);
  };
}

function isInRange(value: number | bigint, range: NumberRange): boolean {
  const { lower, upper, lowerStrict, upperStrict } = range;
  if (lower !== null && compareNumbers(value, lower) < (lowerStrict ? 1 : 0)) return false;
  return upper === null || compareNumbers(value, upper) <= (upperStrict ? -1 : 0);
}
