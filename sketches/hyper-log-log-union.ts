import { InternalError } from '../core/index.js';
import { estimateDense, estimateSparse, MAX_RANK } from './cardinality-estimate.js';
import {
  DEFAULT_LG_K,
  denseHeader,
  HEADER_BYTES,
  HyperLogLog,
  sparseHeader,
  sparseLimit,
} from './hyper-log-log.js';
import { RANK_BITS } from './sketch-entry.js';

const REGISTERS = 2 ** DEFAULT_LG_K;
const LIMIT = sparseLimit(DEFAULT_LG_K);
const RANK_MASK = 2 ** RANK_BITS - 1;

/**
 * What was added to any of several HyperLogLogs of the default size, which lie as bytes in words: for one group after the
 * other nothing is made, neither of the sketches nor of what they are together.
 */
export class HyperLogLogUnion {
  /** Ascending, `#count` of them, while it is sparse; and room for those of the next union. */
  #entries = new Uint32Array(2 * LIMIT);
  #spare = new Uint32Array(2 * LIMIT);
  #count = 0;
  readonly #registers = new Uint8Array(REGISTERS);
  /** The registers, four in a word. */
  readonly #fours = new Uint32Array(this.#registers.buffer);
  #isDense = false;

  clear(): void {
    this.#count = 0;
    this.#isDense = false;
  }

  /** Adds the sketch of which `words` in [from, to) are the bytes. Throws CorruptSketchError as `HyperLogLog.fromBytes`. */
  add(words: Uint32Array<ArrayBuffer>, from: number, to: number): void {
    const header = words[from]!;
    const size = to - from - 1;
    const isAdded =
      header === sparseHeader(DEFAULT_LG_K) && size >= 0 && size <= LIMIT
        ? this.#addSparse(words, from + 1, to)
        : header === denseHeader(DEFAULT_LG_K) &&
          4 * size === REGISTERS &&
          this.#addDense(words, from + 1);
    if (isAdded) return;
    HyperLogLog.ofDefault(
      new Uint8Array(words.buffer, words.byteOffset + 4 * from, 4 * (to - from)),
    );
    throw new InternalError('a HyperLogLog that is damaged in one way only');
  }

  /** As that of a sketch to which all was added. */
  estimate(): number {
    return this.#isDense ? estimateDense(this.#registers) : estimateSparse(this.#count);
  }

  /** False where entries are damaged. */
  #addSparse(words: Uint32Array, from: number, to: number): boolean {
    let previous = -1;
    for (let i = from; i < to; i++) {
      const entry = words[i]!;
      const bucket = entry >>> RANK_BITS;
      const rank = entry & RANK_MASK;
      if (bucket <= previous || rank < 1 || rank > MAX_RANK) return false;
      previous = bucket;
    }
    if (this.#isDense) this.#raiseAll(words, from, to);
    else if (this.#count === 0) {
      this.#count = to - from;
      for (let i = from; i < to; i++) this.#entries[i - from] = words[i]!;
    } else {
      this.#unite(words, from, to);
      if (this.#count > LIMIT) this.#makeDense();
    }
    return true;
  }

  #unite(words: Uint32Array, from: number, to: number): void {
    const [own, united] = [this.#entries, this.#spare];
    const count = this.#count;
    let [i, j, end] = [0, from, 0];
    while (i < count && j < to) {
      const left = own[i]!;
      const right = words[j]!;
      const ahead = (left >>> RANK_BITS) - (right >>> RANK_BITS);
      // 1 or 0, without a branch, which nobody could predict.
      const isLeft = ahead >>> 31;
      const isRight = -ahead >>> 31;
      // Of two of one bucket the larger one stays.
      const isLarger = ((right & RANK_MASK) - (left & RANK_MASK)) >>> 31;
      const takesLeft = -(isLeft | (isLarger & ~isRight));
      united[end++] = (left & takesLeft) | (right & ~takesLeft);
      i += 1 - isRight;
      j += 1 - isLeft;
    }
    while (i < count) united[end++] = own[i++]!;
    while (j < to) united[end++] = words[j++]!;
    this.#entries = united;
    this.#spare = own;
    this.#count = end;
  }

  #makeDense(): void {
    this.#isDense = true;
    this.#registers.fill(0);
    this.#raiseAll(this.#entries, 0, this.#count);
  }

  #raiseAll(entries: Uint32Array, from: number, to: number): void {
    const registers = this.#registers;
    for (let i = from; i < to; i++) {
      const entry = entries[i]!;
      const register = (entry >>> RANK_BITS) & (REGISTERS - 1);
      const rank = entry & RANK_MASK;
      if (rank > registers[register]!) registers[register] = rank;
    }
  }

  /** False where ranks are damaged. Of bytes below 128 four are compared at a time: what is borrowed stays in bit 7 of each. */
  #addDense(words: Uint32Array, from: number): boolean {
    if (!this.#isDense && this.#count === 0) return this.#startDense(words, from);
    if (!this.#isDense) this.#makeDense();
    const registers = this.#fours;
    let tooHigh = 0;
    for (let i = 0; i < registers.length; i++) {
      const ranks = words[from + i]!;
      const own = registers[i]!;
      tooHigh |= ranks | (ranks + BEYOND_MAX_RANK);
      const isOwn = ((own | HIGH_BITS) - ranks) & HIGH_BITS;
      // 127 in each byte where the own one stays, else 0.
      const takesOwn = isOwn - (isOwn >>> 7);
      registers[i] = ranks ^ ((ranks ^ own) & takesOwn);
    }
    return (tooHigh & HIGH_BITS) === 0;
  }

  /** The same, where nothing came before. */
  #startDense(words: Uint32Array, from: number): boolean {
    this.#isDense = true;
    const registers = this.#fours;
    let tooHigh = 0;
    for (let i = 0; i < registers.length; i++) {
      const ranks = words[from + i]!;
      tooHigh |= ranks | (ranks + BEYOND_MAX_RANK);
      registers[i] = ranks;
    }
    return (tooHigh & HIGH_BITS) === 0;
  }
}

/** Whether bytes look like a dense sketch of the default size: a header of four bytes, then a rank in each. */
export const isDenseSketch = (bytes: Uint8Array): boolean =>
  bytes.length === HEADER_BYTES + REGISTERS &&
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === denseHeader(DEFAULT_LG_K);

const HIGH_BITS = 0x80808080;
/** What makes 128 of a rank that is one too high, in every byte. */
const BEYOND_MAX_RANK = 0x01010101 * (127 - MAX_RANK);
