import type { KeyColumn } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import { tooManyGroups } from '../interpreter/group-table.js';
import type { KnownKeys } from './known-keys.js';
import { countOf, type RecordBatch } from './record-batch.js';
import { dimensionKey, type Numbered, type RecordKey, timeKey } from './record-keys.js';

/** The groups of the records of all batches together. */
export interface RecordGroups {
  /** By record. */
  readonly groups: Uint32Array;
  readonly groupCount: number;
  /** By group: the start of its bucket; one number where all are of one bucket. */
  readonly buckets: ArrayLike<number> | number;
  readonly keys: readonly KeyColumn[];
}

/** Null where some records may be of several groups, or of none. */
export function groupRecords(
  batches: readonly RecordBatch[],
  { granularity, dimensions }: GroupPlan,
  known: KnownKeys,
  maxGroups: number,
): RecordGroups | null {
  const keys: RecordKey[] = [];
  for (const [i, dimension] of dimensions.entries()) {
    const key = dimensionKey(batches, dimension, known.dimensions[i]!);
    if (key === null) return null;
    keys.push(key);
  }
  const time = granularity.kind === 'all' ? null : timeKey(batches, granularity, known.time);
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

function bucketsOf(
  { numbers, values: starts }: RecordKey<number>,
  someRecord: Uint32Array,
): Float64Array {
  const found = new Float64Array(someRecord.length);
  for (let i = 0; i < found.length; i++) found[i] = starts[numbers[someRecord[i]!]!]!;
  return found;
}

/** All records in one group. */
function one(batches: readonly RecordBatch[]): Numbered {
  const numbers = new Uint32Array(countOf(batches));
  return { numbers, size: Math.min(1, numbers.length) };
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
