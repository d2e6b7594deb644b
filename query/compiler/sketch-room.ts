import type { Aggregate } from './aggregates.js';
import type { Layout } from './layout.js';
import { NoRoomError, type Scratch } from './scratch.js';
import type { SketchKind, SketchStates } from './sketch-kinds.js';

/**
 * Where the sketches of groups grow while rows are scanned. What a group carries of each is a word of 64 bits:
 *
 *     0                           nothing was added
 *     lg << 48 | count << 32 | address   sparse: a table of 2^lg slots, of which `count` are taken
 *     -1 << 32 | address          dense: registers, a byte for each bucket
 *
 * A table is open addressing with linear probing over entries (`sketch-kinds.ts`), u32 each, 0 where free. When more
 * than half of it is taken, a table of four times the size takes its place; when there are more entries than a sparse
 * sketch may have, registers do. What was left behind is free again when all groups have gone to the output.
 */
export const FIRST_LG_SLOTS = 2;
export const LG_GROWTH = 2;

const SLOT_BYTES = 4;

/** Of the largest table that a sketch may come to have. */
export function mostLgSlots({ limit }: SketchKind): number {
  let lg = FIRST_LG_SLOTS;
  while (2 ** lg < 2 * limit) lg += LG_GROWTH;
  return lg;
}

/** What the largest step of a sketch takes, or, of a single one, all it may come to take. */
export function mostBytes(kind: SketchKind, isSingle: boolean): number {
  const most = mostLgSlots(kind);
  let tables = 0;
  for (let lg = FIRST_LG_SLOTS; lg <= most; lg += LG_GROWTH) tables += SLOT_BYTES * 2 ** lg;
  const registers = 2 ** kind.lgRegisters;
  return isSingle ? tables + registers : Math.max(SLOT_BYTES * 2 ** most, registers);
}

export class SketchRoom {
  readonly start: number;
  /** Kernels stop when more than this is taken: rows may need what lies behind it. */
  readonly limit: number;
  readonly #reader: SketchReader;

  /** Throws NoRoomError where there is not enough for a kernel to get on. */
  constructor(
    scratch: Scratch,
    sizeBytes: number,
    aggregates: readonly Aggregate[],
    { strategy, groupsPerRow }: Layout,
  ) {
    // A single group is looked after at every block, others at every row.
    const needed =
      aggregates.reduce(
        (sum, { entriesPerRow, sketch }) =>
          sketch === null ? sum : sum + entriesPerRow * mostBytes(sketch, strategy === 'single'),
        0,
      ) * groupsPerRow;
    if (!(sizeBytes >= needed)) throw new NoRoomError();
    this.start = scratch.take(Math.floor(sizeBytes));
    this.limit = this.start + Math.floor(sizeBytes) - needed;
    this.#reader = new SketchReader(scratch);
  }

  /** Adds the sketch that the word at an address stands for. */
  append(view: DataView, at: number, _kind: SketchKind, states: SketchStates): void {
    this.#reader.append(view, at, states);
  }
}

/** Reads sketches by the words that stand for them. */
export class SketchReader {
  #all: Uint32Array | null = null;

  constructor(private readonly scratch: Scratch) {}

  append(view: DataView, at: number, states: SketchStates): void {
    const address = view.getUint32(at, true);
    const high = view.getInt32(at + 4, true);
    if (high === 0) states.addEmpty();
    else if (high < 0) states.addDense(this.scratch.bytes, address);
    else {
      const start = address / SLOT_BYTES;
      states.addSparse(this.#words(view), start, start + 2 ** (high >> 16), high & 0xffff);
    }
  }

  /** All memory, as words. */
  #words({ buffer }: DataView): Uint32Array {
    if (this.#all?.buffer !== buffer) this.#all = new Uint32Array(buffer);
    return this.#all;
  }
}
