import { type Long, Room } from '../../core/index.js';
import type { ColumnVector } from '../../model/index.js';
import { widthFor } from '../encodings/checks.js';
import type { ColumnEntry, EncodingParameters } from '../format/directory.js';
import { isNull } from '../null-bitmap.js';
import { extremesOf, writeLong } from '../words.js';
import { positionOf, type RowOrder } from './column.js';
import { NumberColumn } from './number-column.js';
import { type EntryWidth, entriesOf, Part } from './part.js';

/**
 * LONG, as narrow as its values allow (see `encodings/`): one value for all rows, then differences from a base in 1, 2 or 4
 * bytes, then the values themselves in 8. When values come that do not fit, entries get the next width that holds
 * all, and a base with as much room below as above: so there are few changes of width.
 */
export class LongColumn extends NumberColumn {
  /** Staged rows, two words each; `#integers` counts instead where it is not null. */
  #staged: Uint32Array = new Uint32Array(0);
  /** Staged rows as safe integers. */
  #integers: Float64Array | null = null;
  readonly #room = new Room();
  /** Of narrow entries; of one value for all rows, that value. */
  #base = 0;

  constructor(name: string, role: ColumnEntry['role'], width: 0 | 8 = 0) {
    super(name, 'LONG', role, new Part(BLOCK_NAMES[width], width));
  }

  protected override get encoding(): string {
    return ENCODINGS[this.values.width];
  }

  protected override get parameters(): EncodingParameters {
    const { width } = this.values;
    if (width === 8) return {};
    return width === 0 ? { value: String(this.#base) } : { base: String(this.#base), width };
  }

  protected override beginStage(count: number): void {
    this.#integers = null;
    this.#staged = this.#room.words(2 * count).fill(0);
  }

  protected override stageValue(i: number, value: Long): void {
    if (this.#integers === null) writeLong(this.#staged, 2 * i, value);
    else this.#integers[i] = Number(value);
  }

  /** All rows of a vector without nulls are staged as they lie there. */
  protected override stageVector(vector: ColumnVector, order: RowOrder): boolean {
    const count = this.stagedCount;
    if (vector.kind === 'longs') {
      const { words, nulls } = vector;
      this.#integers = null;
      if (order === null && nulls === null) this.#staged = words.subarray(0, 2 * count);
      else {
        this.#staged = this.#room.words(2 * count);
        gatherPairs(words, order, this.#staged);
      }
      return true;
    }
    if (vector.kind !== 'integers') return false;
    const { values, nulls } = vector;
    if (order === null && nulls === null) this.#integers = values.subarray(0, count);
    else {
      const integers = this.#room.doubles(count);
      for (let i = 0; i < count; i++) integers[i] = values[positionOf(order, i)]!;
      this.#integers = integers;
    }
    return true;
  }

  protected override fitStaged(): void {
    const extremes =
      this.#integers === null
        ? extremesOf(this.#staged, this.stagedCount, this.stagedNulls)
        : integerExtremes(this.#integers, this.stagedNulls);
    if (extremes === null) return;
    const min = this.min === null || extremes.min < this.min ? extremes.min : this.min;
    const max = this.max === null || extremes.max > this.max ? extremes.max : this.max;
    this.#fit(min, max);
    this.min = min;
    this.max = max;
  }

  protected override writeKey(keys: Uint32Array, at: number, i: number): void {
    if (this.#integers !== null) writeLong(keys, at, this.#integers[i]!);
    else {
      keys[at] = this.#staged[2 * i]!;
      keys[at + 1] = this.#staged[2 * i + 1]!;
    }
  }

  protected override storeValues(picks: Uint32Array | null, firstRow: number, count: number): void {
    const { width } = this.values;
    if (width === 8) this.#storeWords(picks, firstRow, count);
    else if (width !== 0) this.#storeDeltas(width, picks, firstRow, count);
  }

  #storeWords(picks: Uint32Array | null, firstRow: number, count: number): void {
    const target = this.values.u32().subarray(2 * firstRow, 2 * (firstRow + count));
    const integers = this.#integers;
    if (integers === null) gatherPairs(this.#staged, picks, target);
    else for (let i = 0; i < count; i++) writeLong(target, 2 * i, integers[positionOf(picks, i)]!);
  }

  /** Differences of 32 bits at most: those of the lower words, modulo 2^32. Null rows get 0 afterwards. */
  #storeDeltas(width: 1 | 2 | 4, picks: Uint32Array | null, firstRow: number, count: number): void {
    const deltas = scratch.words(count);
    const integers = this.#integers;
    if (integers === null) {
      const staged = this.#staged;
      const base = lowWord(this.#base);
      for (let i = 0; i < count; i++) deltas[i] = staged[2 * positionOf(picks, i)]! - base;
    } else {
      const base = this.#base;
      for (let i = 0; i < count; i++) deltas[i] = integers[positionOf(picks, i)]! - base;
    }
    const nulls = this.stagedNulls;
    if (nulls !== null) {
      for (let i = 0; i < count; i++) if (isNull(nulls, positionOf(picks, i))) deltas[i] = 0;
    }
    entriesOf(this.values.bytes, width).set(deltas, firstRow);
  }

  /** Asks for a width that holds all values from `min` to `max`. */
  #fit(min: Long, max: Long): void {
    const { width } = this.values;
    if (width === 8) return;
    if (this.min === null) this.#base = typeof min === 'number' ? min : 0;
    const least = this.#base;
    if (min >= least && max < least + 2 ** (8 * width)) return;
    const span = Number(max) - Number(min);
    const isNarrow = typeof min === 'number' && typeof max === 'number' && span < 2 ** 32;
    const next = isNarrow ? Math.max(widthFor(span), nextWidth(width)) : 8;
    const base = next === 8 ? 0 : Number(min) - Math.floor((2 ** (8 * next) - 1 - span) / 2);
    const isSafe = Number.isSafeInteger(base) && Number.isSafeInteger(base + 2 ** (8 * next));
    if (isSafe) this.#change(next as EntryWidth, base);
    else this.#change(8, 0);
  }

  #change(width: EntryWidth, base: number): void {
    const oldWidth = this.values.width;
    this.values.widen(width, (old, wider) => {
      const before = oldWidth === 0 ? null : entriesOf(old, oldWidth);
      if (width === 8) this.#rewriteAsWords(before, wider);
      else this.#rewriteAsDeltas(before, entriesOf(wider, width), base);
      this.#base = base;
      this.values.name = BLOCK_NAMES[width];
    });
  }

  #rewriteAsDeltas(before: Entries | null, after: Entries, base: number): void {
    const shift = this.#base - base;
    const nulls = this.storedNulls;
    for (let row = 0; row < this.values.count; row++) {
      const isNullRow = nulls !== null && isNull(nulls, row);
      after[row] = isNullRow ? 0 : shift + (before === null ? 0 : before[row]!);
    }
  }

  #rewriteAsWords(before: Entries | null, { buffer, byteOffset, length }: Uint8Array): void {
    const words = new Uint32Array(buffer, byteOffset, length / 4);
    const nulls = this.storedNulls;
    for (let row = 0; row < this.values.count; row++) {
      const isNullRow = nulls !== null && isNull(nulls, row);
      const value = isNullRow ? 0 : this.#base + (before === null ? 0 : before[row]!);
      writeLong(words, 2 * row, value);
    }
  }
}

type Entries = ReturnType<typeof entriesOf>;

const ENCODINGS: Readonly<Record<EntryWidth, string>> = {
  0: 'long.constant',
  1: 'long.delta',
  2: 'long.delta',
  4: 'long.delta',
  8: 'long.raw',
};

const BLOCK_NAMES: Readonly<Record<EntryWidth, string>> = {
  0: 'values',
  1: 'deltas',
  2: 'deltas',
  4: 'deltas',
  8: 'values',
};

const nextWidth = (width: EntryWidth): number => (width === 0 ? 1 : 2 * width);

/** Copies the pairs of words that `order` names. */
function gatherPairs(words: Uint32Array, order: RowOrder, target: Uint32Array): void {
  if (order === null) {
    target.set(words.subarray(0, target.length));
    return;
  }
  const count = target.length / 2;
  for (let i = 0; i < count; i++) {
    const at = 2 * order[i]!;
    target[2 * i] = words[at]!;
    target[2 * i + 1] = words[at + 1]!;
  }
}

/** As `extremesOf`. */
function integerExtremes(
  values: Float64Array,
  nulls: Uint8Array | null,
): { readonly min: number; readonly max: number } | null {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    if (nulls !== null && isNull(nulls, i)) continue;
    const value = values[i]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  // Added to 0, since -0 is stored as 0.
  return min > max ? null : { min: min + 0, max: max + 0 };
}

/** Room of this thread for differences, which are made in one width and stored in another. */
const scratch = new Room();

const lowWord = (value: number): number => Number(BigInt.asUintN(32, BigInt(value)));
