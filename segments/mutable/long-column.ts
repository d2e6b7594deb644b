import type { Long } from '../../core/index.js';
import type { ColumnVector } from '../../model/index.js';
import { widthFor } from '../encodings/checks.js';
import type { ColumnEntry, EncodingParameters } from '../format/directory.js';
import { isNull } from '../null-bitmap.js';
import { extremesOf, writeLong } from '../words.js';
import { positionOf, type RowOrder } from './column.js';
import { NumberColumn } from './number-column.js';
import { type EntryWidth, entriesOf, Part } from './part.js';

/** More words are not kept. */
const MAX_ROOM = 1 << 17;

/**
 * LONG, as narrow as its values allow (see `encodings/`): one value for all rows, then differences from a base in 1, 2 or 4
 * bytes, then the values themselves in 8. When values come that do not fit, entries get the next width that holds
 * all, and a base with as much room below as above: so there are few changes of width.
 */
export class LongColumn extends NumberColumn {
  /** Two words a row; at the beginning of `#room`. */
  #staged = new Uint32Array(0);
  /** Kept from batch to batch: what is allocated anew is garbage to collect, and pages to clear. */
  #room = new Uint32Array(0);
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
    if (2 * count > this.#room.length || this.#room.length > MAX_ROOM) {
      this.#room = new Uint32Array(2 * count);
    }
    this.#staged = this.#room.subarray(0, 2 * count).fill(0);
  }

  protected override stageValue(i: number, value: Long): void {
    writeLong(this.#staged, 2 * i, value);
  }

  protected override stageVector(vector: ColumnVector, order: RowOrder): boolean {
    const staged = this.#staged;
    if (vector.kind === 'longs') {
      const { words } = vector;
      for (let i = 0; i < this.stagedCount; i++) {
        const at = 2 * positionOf(order, i);
        staged[2 * i] = words[at]!;
        staged[2 * i + 1] = words[at + 1]!;
      }
      return true;
    }
    if (vector.kind !== 'integers') return false;
    const { values } = vector;
    for (let i = 0; i < this.stagedCount; i++) {
      writeLong(staged, 2 * i, values[positionOf(order, i)]!);
    }
    return true;
  }

  protected override fitStaged(): void {
    const extremes = extremesOf(this.#staged, this.stagedCount, this.stagedNulls);
    if (extremes === null) return;
    const min = this.min === null || extremes.min < this.min ? extremes.min : this.min;
    const max = this.max === null || extremes.max > this.max ? extremes.max : this.max;
    this.#fit(min, max);
    this.min = min;
    this.max = max;
  }

  protected override writeKey(keys: Uint32Array, at: number, i: number): void {
    keys[at] = this.#staged[2 * i]!;
    keys[at + 1] = this.#staged[2 * i + 1]!;
  }

  protected override storeValues(picks: Uint32Array | null, firstRow: number, count: number): void {
    const { width } = this.values;
    if (width === 0) return;
    if (width === 8) storeWords(this.values.u32(), this.#staged, picks, firstRow, count);
    else this.#storeDeltas(width, picks, firstRow, count);
  }

  /** Differences of 32 bits at most: those of the lower words, modulo 2^32. Null rows get 0 afterwards. */
  #storeDeltas(width: 1 | 2 | 4, picks: Uint32Array | null, firstRow: number, count: number): void {
    const staged = this.#staged;
    const nulls = this.stagedNulls;
    const base = lowWord(this.#base);
    const deltas = entriesOf(this.values.bytes, width);
    for (let i = 0; i < count; i++) {
      const at = positionOf(picks, i);
      const isNullHere = nulls !== null && isNull(nulls, at);
      deltas[firstRow + i] = isNullHere ? 0 : staged[2 * at]! - base;
    }
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

function storeWords(
  target: Uint32Array,
  staged: Uint32Array,
  picks: Uint32Array | null,
  firstRow: number,
  count: number,
): void {
  if (picks === null) {
    target.set(staged, 2 * firstRow);
    return;
  }
  for (let i = 0; i < count; i++) {
    target[2 * (firstRow + i)] = staged[2 * picks[i]!]!;
    target[2 * (firstRow + i) + 1] = staged[2 * picks[i]! + 1]!;
  }
}

const lowWord = (value: number): number => Number(BigInt.asUintN(32, BigInt(value)));
