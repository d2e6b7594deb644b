import type { Value } from '../../model/index.js';
import type { OpenScan } from '../interpreter/walk.js';
import type { Grains } from './time-pieces.js';

/** Rows [from, to) in which nothing changes that depends on time alone. */
export interface RowRun {
  readonly from: number;
  readonly to: number;
  /** Which of `RowRuns.calls`. */
  readonly call: number;
  /** See `run-words.ts`. */
  readonly words: readonly bigint[];
  /** Where in `RowRuns.masks` the bits of its rows are; null where all rows are in it. */
  readonly mask: number | null;
  /** Null where rows are sorted by time: then their times tell. */
  readonly seen: SeenRows | null;
}

/** The visible rows of a run. */
export interface SeenRows {
  /** Of the target, in which they lie. */
  readonly span: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly count: number;
}

/** The part of a group's key that is the same for all rows of a run. */
export interface CallKey {
  readonly bucketMs: number;
  readonly values: readonly Value[];
}

export interface RowRuns {
  readonly runs: readonly RowRun[];
  readonly calls: readonly CallKey[];
  readonly masks: Uint8Array;
}

const NO_MASKS = new Uint8Array(0);

/** Fewer rows to a run than this on average are not worth a call each. */
export const MIN_ROWS_PER_RUN = 16;

export interface RunOptions {
  /** Ascending, of rows sorted by time. */
  readonly ranges: readonly { readonly from: number; readonly to: number }[];
  /** Where something changes. */
  readonly grains: Grains;
  readonly bucketOf: (timeMs: number) => number;
  /** Read at the first row of a run. */
  readonly values: readonly (() => Value)[];
  readonly words: readonly (() => bigint)[];
}

/** Cuts ranges of rows where a grain begins anew; null when the pieces get too small. */
export function rowRuns({ cursor }: OpenScan, options: RunOptions): RowRuns | null {
  const { ranges, grains, bucketOf, values, words } = options;
  const rowCount = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  const maxRuns = ranges.length + 64 + rowCount / MIN_ROWS_PER_RUN;
  const timeAt = (row: number): number => {
    cursor.row = row;
    return cursor.timeMs();
  };
  const runs: RowRun[] = [];
  const calls = new CallList();
  for (const range of ranges) {
    for (let from = range.from; from < range.to; ) {
      const timeMs = timeAt(from);
      const endMs = endOfRun(grains, timeMs);
      const to = endMs === null ? range.to : firstRowFrom(timeAt, endMs, from + 1, range.to);
      cursor.row = from;
      const call = calls.add({ bucketMs: bucketOf(timeMs), values: values.map((read) => read()) });
      runs.push({ from, to, call, words: words.map((read) => read()), mask: null, seen: null });
      if (runs.length > maxRuns) return null;
      from = to;
    }
  }
  return { runs, calls: calls.calls, masks: NO_MASKS };
}

/** Keys of calls, each once. */
export class CallList {
  readonly calls: CallKey[] = [];
  readonly #known = new Map<string, number>();

  add(key: CallKey): number {
    const text = keyText(key);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    this.#known.set(text, this.calls.length);
    return this.calls.push(key) - 1;
  }
}

/** The runs that lie in [from, to), cut to it. `runs` ascend. */
export function* runsWithin(runs: readonly RowRun[], from: number, to: number): Generator<RowRun> {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (runs[middle]!.to <= from) low = middle + 1;
    else high = middle;
  }
  for (let i = low; i < runs.length && runs[i]!.from < to; i++) {
    const run = runs[i]!;
    yield { ...run, from: Math.max(from, run.from), to: Math.min(to, run.to) };
  }
}

const keyText = ({ bucketMs, values }: CallKey): string =>
  values.length === 0
    ? String(bucketMs)
    : `${bucketMs} ${values.map((value) => `${typeof value}${String(value)}`).join('\u0000')}`;

/** The first instant at which some grain begins anew; null when there are no grains. */
function endOfRun(grains: Grains, timeMs: number): number | null {
  let endMs: number | null = null;
  for (const grain of grains) {
    const next = grain.nextBucket(grain.bucketStart(timeMs));
    if (endMs === null || next < endMs) endMs = next;
  }
  return endMs;
}

/** The first row in [from, to) at or after the instant, else `to`: doubling steps, then halving ones. */
function firstRowFrom(
  timeAt: (row: number) => number,
  timeMs: number,
  from: number,
  to: number,
): number {
  let low = from;
  let step = 64;
  while (low + step < to && timeAt(low + step) < timeMs) {
    low += step;
    step *= 2;
  }
  let high = Math.min(to, low + step);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timeAt(middle) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
