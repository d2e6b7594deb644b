import { firstFrom, type RowSet, setWindow } from '../../indexes/index.js';
import type { RowRange } from '../interpreter/target.js';
import type { KernelBuilder } from './kernel-builder.js';
import type { Parameters } from './parameters.js';
import type { Scratch } from './scratch.js';
import type { Test } from './tests.js';
import { add, get, i32, load, op } from './wasm/code.js';

/** Rows that indexes tell a plan. */
export interface PlannedRows {
  /** By number of a mask: rows whose bits kernels look at. */
  readonly masks: readonly RowSet[];
  /** No other rows need to be visited; null: each may. */
  readonly only: RowSet | null;
}

/** The rows of a block that are in a mask. */
export const inMask = (mask: number): Test => ({
  kind: 'mask',
  mask(kernel: KernelBuilder) {
    const byte = op('i32.shr_u', get(kernel.blockRow), i32(3));
    return load('i64.load', add(get(kernel.rowMask(mask)), byte));
  },
});

/** Rows to a zone: those in which no row is in the mask are not visited. */
const ZONE_ROWS = 4096;

/** Rows whose bits are in memory at a time. */
const WINDOW_ROWS = 65_536;
const WINDOW_BYTES = WINDOW_ROWS / 8;

/** Brings the masks of a plan to where its kernel finds them, window by window. */
export class MaskWindows {
  readonly #addresses: readonly number[];
  /** Bits of the rows that are visited, of the window; null where they are ranges, or all. */
  readonly #visited: Uint32Array | null;

  /** Throws NoRoomError. */
  constructor(
    private readonly rows: PlannedRows,
    private readonly scratch: Scratch,
    private readonly parameters: Parameters,
  ) {
    const { masks, only } = rows;
    this.#addresses = masks.map(() => scratch.take(WINDOW_BYTES));
    this.#visited =
      only !== null && masks.includes(only) ? new Uint32Array(WINDOW_ROWS / 32) : null;
  }

  /** The parts of a range to be visited, ascending; the masks tell of each until the next one is asked for. */
  *parts(range: RowRange): Generator<RowRange> {
    const { only } = this.rows;
    if (this.#visited !== null || only?.kind !== 'ranges') yield* this.#windows(range);
    else for (const each of rangesWithin(only.ranges, range)) yield* this.#windows(each);
  }

  *#windows({ from, to }: RowRange): Generator<RowRange> {
    const visited = this.#visited;
    const { masks, only } = this.rows;
    if (masks.length === 0) {
      yield { from, to };
      return;
    }
    for (let start = from - (from % WINDOW_ROWS); start < to; start += WINDOW_ROWS) {
      const window = { from: Math.max(from, start), to: Math.min(to, start + WINDOW_ROWS) };
      if (visited !== null) {
        visited.fill(0);
        if (!setWindow(only!, start, window.to, visited)) continue;
      }
      this.#fill(start, window.to);
      if (visited === null) yield window;
      else yield* zonesWithRows(visited, start, window);
    }
  }

  #fill(start: number, to: number): void {
    const { memory } = this.scratch;
    for (const [i, set] of this.rows.masks.entries()) {
      const address = this.#addresses[i]!;
      const bits = new Uint32Array(memory.buffer, address, WINDOW_BYTES / 4);
      if (set === this.rows.only) bits.set(this.#visited!);
      else {
        bits.fill(0);
        setWindow(set, start, to, bits);
      }
      this.parameters.setRowMask(i, address - start / 8);
    }
  }
}

/** Neighbouring zones of a window in which some bit is set, each run of them as one. */
function* zonesWithRows(
  bits: Uint32Array,
  start: number,
  { from, to }: RowRange,
): Generator<RowRange> {
  let first: number | null = null;
  for (let zone = from - (from % ZONE_ROWS); zone < to; zone += ZONE_ROWS) {
    if (isAnySet(bits, (zone - start) / 32)) first ??= Math.max(from, zone);
    else if (first !== null) {
      yield { from: first, to: zone };
      first = null;
    }
  }
  if (first !== null) yield { from: first, to };
}

/** Of the zone whose bits begin at a word. */
function isAnySet(bits: Uint32Array, word: number): boolean {
  let any = 0;
  for (let i = word; i < word + ZONE_ROWS / 32; i++) any |= bits[i]!;
  return any !== 0;
}

/** Ranges, as pairs of first row and the one after the last, cut to [from, to). */
export function* rangesWithin(ranges: Uint32Array, { from, to }: RowRange): Generator<RowRange> {
  for (let i = firstFrom(ranges, from + 1) & ~1; i < ranges.length && ranges[i]! < to; i += 2) {
    yield { from: Math.max(from, ranges[i]!), to: Math.min(to, ranges[i + 1]!) };
  }
}
