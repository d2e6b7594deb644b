import { DEFAULT_LG_K, HyperLogLog, sparseLimit } from '../../sketches/index.js';
import type { Layout } from './layout.js';
import { NoRoomError, type Scratch } from './scratch.js';

/**
 * Where the sketches of groups grow while rows are scanned. What a group carries of each is a word of 64 bits:
 *
 *     0                           nothing was added
 *     lg << 48 | count << 32 | address   sparse: a table of 2^lg slots, of which `count` are taken
 *     -1 << 32 | address          dense: registers, a byte for each bucket
 *
 * A table is open addressing with linear probing over entries (`sketches/sketch-entry.ts`), u32 each, one for
 * each bucket, 0 where free. When more than half of it is taken, a table of twice the size takes its place;
 * the largest is full with as many entries as a sparse sketch may have, and registers take its place. What
 * was left behind is free again when all groups have gone to the output.
 */
export const FIRST_LG_SLOTS = 2;
export const LAST_LG_SLOTS = Math.log2(2 * sparseLimit(DEFAULT_LG_K));
export const REGISTERS = 2 ** DEFAULT_LG_K;

const SLOT_BYTES = 4;
const LARGEST_BYTES = Math.max(REGISTERS, SLOT_BYTES * 2 ** LAST_LG_SLOTS);
/** Of everything that one sketch may come to take: each table is as large as all before it. */
const ALL_BYTES = 2 * SLOT_BYTES * 2 ** LAST_LG_SLOTS + REGISTERS;

export class SketchRoom {
  readonly start: number;
  /** Kernels stop when more than this is taken: rows may need what lies behind it. */
  readonly limit: number;

  /** Throws NoRoomError where there is not enough for a kernel to get on. */
  constructor(
    private readonly scratch: Scratch,
    sizeBytes: number,
    { strategy, entriesPerRow }: Layout,
  ) {
    // A single group is looked after at every block, others at every row.
    const needed = entriesPerRow * (strategy === 'single' ? ALL_BYTES : LARGEST_BYTES);
    if (!(sizeBytes >= needed)) throw new NoRoomError();
    this.start = scratch.take(Math.floor(sizeBytes));
    this.limit = this.start + Math.floor(sizeBytes) - needed;
  }

  /** The sketch that the word at an address stands for. */
  sketch(view: DataView, at: number): HyperLogLog {
    const address = view.getUint32(at, true);
    const high = view.getInt32(at + 4, true);
    if (high < 0) {
      return HyperLogLog.ofRegisters(this.scratch.bytes.slice(address, address + REGISTERS));
    }
    if (high === 0) return new HyperLogLog();
    const slots = new Uint32Array(view.buffer, address, 2 ** (high >> 16));
    const entries = new Uint32Array(high & 0xffff);
    let count = 0;
    for (let slot = 0; slot < slots.length; slot++) {
      if (slots[slot] !== 0) entries[count++] = slots[slot]!;
    }
    return HyperLogLog.ofEntries(entries.sort());
  }
}
