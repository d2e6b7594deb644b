import { DEFAULT_LG_K, HyperLogLog, RANK_BITS, raiseRegister } from '../../sketches/index.js';
import { NoRoomError, type Scratch } from './scratch.js';

/**
 * The sketches of all groups while rows are scanned. What a group carries of each is a word of 64 bits:
 *
 *     0                     nothing was added
 *     count << 32 | number  sparse: its number, from 1 on, and how many entries it has in the table
 *     -1 << 32 | address    dense: where its registers are
 *
 * An entry of the table, 8 bytes, 0 where free (open addressing, linear probing):
 *
 *     offset  field
 *     0       number of the sketch, u32
 *     4       entry, u32: bucket and rank (`sketches/sketch-entry.ts`); one for each bucket of a sketch
 *
 * A sketch with more entries than a sparse one may have gets registers, and its entries stay in the
 * table until all are collected. Where there is no room for more registers it stays sparse, and may
 * have any number of entries. A block of registers is the sketch's number, u32, and a byte for each bucket.
 */
export const ENTRY_BITS = 3;
const ENTRY_WORDS = 2;
const ENTRY_BYTES = 2 ** ENTRY_BITS;
const REGISTERS = 2 ** DEFAULT_LG_K;
export const BLOCK_HEADER_BYTES = 8;
export const BLOCK_BYTES = BLOCK_HEADER_BYTES + REGISTERS;

/** Any odd number with bits all over. */
export const SKETCH_MIX = 0x85ebca6b;

const FIRST_CAPACITY = 1024;
const FULLEST = 0.6;

export class SketchTable {
  readonly entries: number;
  readonly registers: number;
  readonly registersEnd: number;
  readonly #maxCapacity: number;
  #capacity: number;
  /** By number of the sketch: where its collected entries end; they begin where those before it end. */
  #ends = NO_WORDS;
  #collected = NO_WORDS;

  /** `perBlock` entries are there room for at any rate: as many as the rows of a block may add. */
  constructor(
    private readonly scratch: Scratch,
    sizeBytes: number,
    private readonly perBlock: number,
  ) {
    // At least a third is left for registers.
    const capacity = 2 ** Math.floor(Math.log2((2 * sizeBytes) / 3 / ENTRY_BYTES));
    this.#maxCapacity = capacity;
    if (!(this.#limitOf(capacity) >= 0)) throw new NoRoomError();
    this.entries = scratch.take(capacity * ENTRY_BYTES);
    const bytes = Math.floor((sizeBytes - capacity * ENTRY_BYTES) / BLOCK_BYTES) * BLOCK_BYTES;
    this.registers = scratch.take(bytes);
    this.registersEnd = this.registers + bytes;
    const least = 2 ** Math.ceil(Math.log2((2 * perBlock) / FULLEST));
    this.#capacity = Math.min(capacity, Math.max(FIRST_CAPACITY, least));
    this.clear();
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** How many entries there may be for those of one more block to find room. */
  get limit(): number {
    return this.#limitOf(this.#capacity);
  }

  clear(): void {
    this.scratch.bytes.fill(0, this.entries, this.entries + this.#capacity * ENTRY_BYTES);
  }

  /** Makes the table larger; false when it cannot grow: collect it then. */
  grow(): boolean {
    if (this.#capacity >= this.#maxCapacity) return false;
    const old = this.#words().slice();
    this.#capacity = Math.min(this.#maxCapacity, this.#capacity * 4);
    this.clear();
    const table = this.#words();
    const mask = this.#capacity - 1;
    for (let at = 0; at < old.length; at += ENTRY_WORDS) {
      const number = old[at]!;
      if (number === 0) continue;
      const entry = old[at + 1]!;
      let slot = ((entry >>> RANK_BITS) ^ Math.imul(number, SKETCH_MIX)) & mask;
      while (table[slot * ENTRY_WORDS] !== 0) slot = (slot + 1) & mask;
      table[slot * ENTRY_WORDS] = number;
      table[slot * ENTRY_WORDS + 1] = entry;
    }
    return true;
  }

  /** Brings the entries of each sketch together: raised in its registers, or side by side. */
  collect(sketchCount: number, registersEnd: number): void {
    const registers = this.#registersByNumber(sketchCount, registersEnd);
    const ends = new Uint32Array(sketchCount + 1);
    const table = this.#words();
    for (let at = 0; at < table.length; at += ENTRY_WORDS) {
      const number = table[at]!;
      if (number === 0) continue;
      const ranks = registers[number];
      if (ranks === undefined) ends[number]!++;
      else raiseRegister(ranks, table[at + 1]!);
    }
    // Where each begins, which the next loop moves to where it ends.
    let total = 0;
    for (let number = 1; number <= sketchCount; number++) {
      const count = ends[number]!;
      ends[number] = total;
      total += count;
    }
    const collected = new Uint32Array(total);
    for (let at = 0; at < table.length; at += ENTRY_WORDS) {
      const number = table[at]!;
      if (number === 0 || registers[number] !== undefined) continue;
      collected[ends[number]!++] = table[at + 1]!;
    }
    this.#ends = ends;
    this.#collected = collected;
  }

  /** The sketch that the word at an address stands for, as it was collected. */
  sketch(view: DataView, at: number): HyperLogLog {
    const low = view.getUint32(at, true);
    if (view.getInt32(at + 4, true) < 0) {
      return HyperLogLog.ofRegisters(this.scratch.bytes.slice(low, low + REGISTERS));
    }
    if (low === 0) return new HyperLogLog();
    const entries = this.#collected.slice(this.#ends[low - 1]!, this.#ends[low]!);
    return HyperLogLog.ofEntries(entries.sort());
  }

  #registersByNumber(sketchCount: number, end: number): (Uint8Array | undefined)[] {
    const { view, bytes } = this.scratch;
    const registers = new Array<Uint8Array | undefined>(sketchCount + 1).fill(undefined);
    for (let block = this.registers; block < end; block += BLOCK_BYTES) {
      const start = block + BLOCK_HEADER_BYTES;
      registers[view.getUint32(block, true)] = bytes.subarray(start, start + REGISTERS);
    }
    return registers;
  }

  #limitOf(capacity: number): number {
    return Math.floor(capacity * FULLEST) - this.perBlock;
  }

  #words(): Uint32Array {
    const { memory } = this.scratch;
    return new Uint32Array(memory.buffer, this.entries, this.#capacity * ENTRY_WORDS);
  }
}

const NO_WORDS = new Uint32Array(0);
