import type { Aggregate } from './aggregates.js';
import { emitFold, PAIR_BYTES } from './emit-pairs.js';
import type { KernelBuilder } from './kernel-builder.js';
import type { KernelCache } from './kernel-cache.js';
import type { Layout } from './layout.js';
import { Parameters } from './parameters.js';
import { NoRoomError, type Scratch } from './scratch.js';
import type { SketchKind, SketchStates } from './sketch-kinds.js';
import { mostBytes, SketchReader } from './sketch-room.js';

/**
 * Where entries are put down while rows are scanned, of groups so many that their sketches would not stay in the caches;
 * little-endian:
 *
 *     offset  size  field
 *     0       4     field  u32, the address of what its group carries of the sketch
 *     4       4     entry  u32
 *
 * A group carries how many entries it has, u32, and 4 bytes more. When groups go to the output, entries are ordered by group,
 * behind the pairs; then a group carries where its own end and where they begin, in words. Those of each group are folded
 * where those of the one before were.
 */
const ENTRY_BYTES = 4;

/** Between two looks at whether the query was cancelled. */
const PAIRS_PER_CHECK = 2 ** 18;

/** Groups side by side of which those with these numbers are there, or so many from the first on. */
export interface GroupList {
  readonly address: number;
  readonly numbers: Uint32Array | null;
  readonly count: number;
}

/** By kind. */
const folds = new WeakMap<SketchKind, KernelBuilder>();

export class PairRoom {
  readonly start: number;
  /** Kernels stop when more than this is taken: a row may need what lies behind it. */
  readonly limit: number;
  readonly #entries: number;
  readonly #word: number;
  readonly #words: Uint32Array;
  readonly #reader: SketchReader;
  readonly #folds = new Map<SketchKind, (from: number, to: number) => void>();
  /** Of the fields, in bytes of a group. */
  readonly #offsets: readonly number[];

  /** Throws NoRoomError where there is not enough for a kernel to get on. */
  constructor(
    private readonly scratch: Scratch,
    sizeBytes: number,
    cache: KernelCache,
    aggregates: readonly Aggregate[],
    private readonly layout: Layout,
  ) {
    const kinds = new Set(aggregates.flatMap(({ sketch }) => (sketch === null ? [] : [sketch])));
    const before = scratch.freeBytes;
    this.#word = scratch.take(8);
    const folded = scratch.take(Math.max(...[...kinds].map((kind) => mostBytes(kind, true))));
    for (const kind of kinds) this.#folds.set(kind, this.#fold(cache, kind, folded));
    const perRow =
      layout.groupsPerRow * aggregates.reduce((sum, { entriesPerRow }) => sum + entriesPerRow, 0);
    const left = sizeBytes - (before - scratch.freeBytes);
    const pairs = Math.floor(left / (PAIR_BYTES + ENTRY_BYTES)) - ALIGNED_PAIRS;
    if (!(pairs > perRow)) throw new NoRoomError();
    this.start = scratch.take(pairs * PAIR_BYTES);
    this.limit = this.start + (pairs - perRow) * PAIR_BYTES;
    this.#entries = scratch.take(pairs * ENTRY_BYTES);
    this.#words = new Uint32Array(scratch.memory.buffer);
    this.#reader = new SketchReader(scratch);
    this.#offsets = layout.fieldOffsets.filter((_, i) => aggregates[i]!.sketch !== null);
  }

  /** Orders the entries that were put down up to `next` by the groups that they are for. */
  order(groups: GroupList, next: number, checkCancelled: () => void): void {
    this.#addUp(groups);
    for (let from = this.start; from < next; from += PAIRS_PER_CHECK * PAIR_BYTES) {
      checkCancelled();
      this.#scatter(from, Math.min(next, from + PAIRS_PER_CHECK * PAIR_BYTES));
    }
  }

  /** Brings the entries of the pairs from one address to another to where their groups' begin. */
  #scatter(from: number, to: number): void {
    const words = this.#words;
    for (let pair = from / 4; pair < to / 4; pair += 2) {
      const field = words[pair]! >>> 2;
      const place = words[field]!;
      words[field] = place + 1;
      words[place] = words[pair + 1]!;
    }
  }

  /** Adds the sketch of the entries that the field at an address tells. */
  append(view: DataView, at: number, kind: SketchKind, states: SketchStates): void {
    const end = view.getUint32(at, true);
    const begin = view.getUint32(at + 4, true);
    if (begin === end) states.addEmpty();
    else if (end - begin <= FEW_ENTRIES) states.addFew(this.#words, begin, end);
    else {
      this.#folds.get(kind)!(4 * begin, 4 * end);
      this.#reader.append(view, this.#word, states);
    }
  }

  /** Where the entries of each field begin. */
  #addUp({ address, numbers, count }: GroupList): void {
    const words = this.#words;
    const { stride } = this.layout;
    let place = this.#entries / 4;
    for (let i = 0; i < count; i++) {
      const group = numbers === null ? i : numbers[i]!;
      for (const offset of this.#offsets) {
        const field = (address + group * stride + offset) / 4;
        const own = words[field]!;
        words[field] = place;
        words[field + 1] = place;
        place += own;
      }
    }
  }

  #fold(cache: KernelCache, kind: SketchKind, room: number): (from: number, to: number) => void {
    const builder = folds.get(kind) ?? emitFold(kind);
    folds.set(kind, builder);
    const kernel = cache.kernel(builder, this.scratch.memory);
    const parameters = new Parameters(this.scratch, builder);
    parameters.set('states', this.#word);
    parameters.set('sketchNext', room);
    return (from, to) => kernel(parameters.address, from, to);
  }
}

/** As many are put in order in less time than into a table. */
const FEW_ENTRIES = 24;

/** What two tables may lose by being aligned. */
const ALIGNED_PAIRS = 16;
