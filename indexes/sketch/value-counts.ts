import { type Long, murmur3Word, utf8Decode } from '../../core/index.js';
import { type FrequentValue, SpaceSaving } from '../../sketches/index.js';
import type { CodedColumn, LongOffsets, LongWords } from '../column.js';
import { longAt } from '../range/long-at.js';
import { sortedRows } from '../range/sorted-rows.js';
import { rowsByCode } from '../rows/rows-by-code.js';
import { hashOfLong } from '../value-hash.js';

const MOST_FREQUENT = 128;
const LONGEST_TEXT = 1024;

/** The distinct values of a column, ascending, null left out, and how many rows have each. */
export interface ValueCounts {
  readonly of: 'texts' | 'longs';
  readonly counts: Uint32Array;
  readonly hashAt: (i: number) => number;
  /** Null where it is too long to be kept. */
  readonly valueAt: (i: number) => string | Long | null;
}

export const valueCounts = (column: CodedColumn | LongWords | LongOffsets): ValueCounts =>
  column.kind === 'STRING' ? textCounts(column) : longCounts(column);

function textCounts(column: CodedColumn): ValueCounts {
  const { starts } = rowsByCode(column);
  const first = column.hasNull ? 1 : 0;
  const counts = new Uint32Array(column.size - first);
  for (let i = 0; i < counts.length; i++) counts[i] = starts[i + first + 1]! - starts[i + first]!;
  const { bytes, offsets } = column.texts();
  const endsOf = (i: number) => [offsets[i + first]!, offsets[i + first + 1]!] as const;
  return {
    of: 'texts',
    counts,
    hashAt: (i) => murmur3Word(bytes, ...endsOf(i)) >>> 0,
    valueAt(i) {
      const [from, to] = endsOf(i);
      return to - from > LONGEST_TEXT ? null : utf8Decode(bytes.subarray(from, to));
    },
  };
}

function longCounts(column: LongWords | LongOffsets): ValueCounts {
  const rows = sortedRows(column);
  const firsts: number[] = [];
  let previous: Long | null = null;
  for (let i = 0; i < rows.length; i++) {
    const value = longAt(column, rows[i]!);
    if (value !== previous) firsts.push(i);
    previous = value;
  }
  const counts = Uint32Array.from(firsts, (at, i) => (firsts[i + 1] ?? rows.length) - at);
  const valueAt = (i: number) => longAt(column, rows[firsts[i]!]!)!;
  return { of: 'longs', counts, hashAt: (i) => hashOfLong(valueAt(i)), valueAt };
}

/** The values that most rows have; among those that equally many have the smaller ones. */
export function frequentOf({ of, counts, valueAt }: ValueCounts): SpaceSaving {
  const descending = counts.slice().sort().reverse();
  const least = descending[Math.min(MOST_FREQUENT, counts.length) - 1]!;
  let [total, absentCount] = [0, 0];
  // Of those that all have the same count, as many as there is room for.
  let ties = MOST_FREQUENT - descending.indexOf(least);
  const entries: FrequentValue[] = [];
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!;
    total += count;
    const isFrequent = count > least || (count === least && ties-- > 0);
    const value = isFrequent ? valueAt(i) : null;
    if (value === null) absentCount = Math.max(absentCount, count);
    else entries.push({ value, count, error: 0 });
  }
  return SpaceSaving.of({ of, capacity: MOST_FREQUENT, total, absentCount, entries });
}
