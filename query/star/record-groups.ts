import type { Dimension, Granularity, Value } from '../../model/index.js';
import type { CodeColumn } from '../compiler/columns.js';
import { bucketFinder } from '../interpreter/buckets.js';
import type { KeyColumn } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import { DimensionValues, tooManyGroups } from '../interpreter/group-table.js';
import { BucketNumbers } from './bucket-numbers.js';
import { codesAt, type RecordBatch } from './record-batch.js';

/** The groups of the records of all batches together. */
export interface RecordGroups {
  /** By record. */
  readonly groups: Uint32Array;
  readonly groupCount: number;
  /** By group: the start of its bucket; one number where all are of one bucket. */
  readonly buckets: ArrayLike<number> | number;
  readonly keys: readonly KeyColumn[];
}

/** By record a number below `size`; each of these is there. */
interface Numbered {
  readonly numbers: Uint32Array;
  readonly size: number;
}

interface RecordKey extends Numbered {
  readonly values: readonly Value[];
}

interface TimeKey extends Numbered {
  readonly starts: readonly number[];
}

/** Null where some records may be of several groups, or of none. */
export function groupRecords(
  batches: readonly RecordBatch[],
  { granularity, dimensions }: GroupPlan,
  maxGroups: number,
): RecordGroups | null {
  const keys: RecordKey[] = [];
  for (const dimension of dimensions) {
    const key = dimensionKey(batches, dimension);
    if (key === null) return null;
    keys.push(key);
  }
  const time = granularity.kind === 'all' ? null : timeKey(batches, granularity);
  const all: Numbered[] = time === null ? keys : [time, ...keys];
  const { numbers: groups, size: groupCount } = all.slice(1).reduce(paired, all[0] ?? one(batches));
  if (groupCount > maxGroups) throw tooManyGroups(maxGroups);
  // By group.
  const someRecord = new Uint32Array(groupCount);
  for (let i = 0; i < groups.length; i++) someRecord[groups[i]!] = i;
  return {
    groups,
    groupCount,
    buckets: time === null ? 0 : bucketsOf(time, someRecord),
    keys: keys.map(({ numbers, values }) => ({
      kind: 'values',
      ordinals: picked(numbers, someRecord),
      values,
    })),
  };
}

function picked(numbers: Uint32Array, places: Uint32Array): Uint32Array {
  const found = new Uint32Array(places.length);
  for (let i = 0; i < places.length; i++) found[i] = numbers[places[i]!]!;
  return found;
}

function bucketsOf({ numbers, starts }: TimeKey, someRecord: Uint32Array): Float64Array {
  const found = new Float64Array(someRecord.length);
  for (let i = 0; i < found.length; i++) found[i] = starts[numbers[someRecord[i]!]!]!;
  return found;
}

const countOf = (batches: readonly RecordBatch[]): number =>
  batches.reduce((sum, { records }) => sum + records.length, 0);

/** All records in one group. */
function one(batches: readonly RecordBatch[]): Numbered {
  const numbers = new Uint32Array(countOf(batches));
  return { numbers, size: Math.min(1, numbers.length) };
}

/** A value is made once per code, where there are codes. Null for cells that may have several values. */
function dimensionKey(batches: readonly RecordBatch[], dimension: Dimension): RecordKey | null {
  const known = new DimensionValues();
  const numbers = new Uint32Array(countOf(batches));
  for (const { tree, scan, records, from } of batches) {
    const { columns, segment } = tree;
    const column = columns.onlyCodes(dimension.inputs);
    const source = column && columns.over(column);
    const reader = dimension.reader(source ?? scan.source);
    if (reader.multiValue) return null;
    const into = numbers.subarray(from);
    if (column === null || source === null) {
      for (let i = 0; i < records.length; i++) {
        scan.cursor.row = records[i]!;
        into[i] = known.ordinal(reader.get());
      }
      continue;
    }
    const codes = codesAt(segment, column, records);
    if (batches.length === 1 && areDistinct(column) && source.column(column.name) === reader) {
      const values: Value[] = [];
      numberCodes(codes, column.size, into, (code) => values.push(column.value(code)) - 1);
      return { numbers, values, size: values.length };
    }
    numberCodes(codes, column.size, into, (code) => {
      source.code = code;
      return known.ordinal(reader.get());
    });
  }
  return { numbers, values: known.all, size: known.all.length };
}

/** Whether no two codes stand for the same value, for certain. */
const areDistinct = ({ scan }: CodeColumn): boolean => scan.texts !== null || scan.type === 'LONG';

function timeKey(batches: readonly RecordBatch[], granularity: Granularity): TimeKey {
  const buckets = new BucketNumbers();
  const numbers = new Uint32Array(countOf(batches));
  const bucketOf = bucketFinder(granularity);
  for (const { tree, scan, records, from } of batches) {
    const { columns, segment } = tree;
    const column = columns.codes('__time');
    const into = numbers.subarray(from);
    if (column === null) {
      for (let i = 0; i < records.length; i++) {
        scan.cursor.row = records[i]!;
        into[i] = buckets.number(bucketOf(scan.cursor.timeMs()));
      }
      continue;
    }
    numberCodes(codesAt(segment, column, records), column.size, into, (code) =>
      buckets.number(bucketOf(column.value(code) as number)),
    );
  }
  return { numbers, starts: buckets.starts, size: buckets.starts.length };
}

/** Asks for the number of each code that is there once. */
function numberCodes(
  codes: Uint32Array,
  size: number,
  into: Uint32Array,
  numberOf: (code: number) => number,
): void {
  // By code: its number + 1; 0 where it is not known yet.
  const known = new Uint32Array(size);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    let number = known[code]!;
    if (number === 0) {
      number = numberOf(code) + 1;
      known[code] = number;
    }
    into[i] = number - 1;
  }
}

/** As many pairs have a place of their own each, whatever is there of them; more where there are many records. */
const FEW_PAIRS = 4096;
const PAIRS_PER_RECORD = 8;

/** The pairs that are there, in order of first appearance. */
function paired(a: Numbered, b: Numbered): Numbered {
  const numbers = new Uint32Array(a.numbers.length);
  const pairs = a.size * b.size;
  const isSmall = pairs <= Math.max(FEW_PAIRS, PAIRS_PER_RECORD * numbers.length);
  const size = isSmall ? numberPairs(a, b, numbers) : searchPairs(a, b, numbers);
  return { numbers, size };
}

function numberPairs(a: Numbered, b: Numbered, into: Uint32Array): number {
  const known = new Uint32Array(a.size * b.size);
  let count = 0;
  for (let i = 0; i < into.length; i++) {
    const pair = a.numbers[i]! * b.size + b.numbers[i]!;
    if (known[pair] === 0) known[pair] = ++count;
    into[i] = known[pair]! - 1;
  }
  return count;
}

function searchPairs(a: Numbered, b: Numbered, into: Uint32Array): number {
  const known = new Map<number, number>();
  for (let i = 0; i < into.length; i++) {
    const pair = a.numbers[i]! * b.size + b.numbers[i]!;
    let number = known.get(pair);
    if (number === undefined) {
      number = known.size;
      known.set(pair, number);
    }
    into[i] = number;
  }
  return known.size;
}
