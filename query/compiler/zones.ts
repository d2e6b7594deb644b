import type { Segment } from '../../segments/index.js';
import type { RowRange } from '../interpreter/target.js';
import type { Test } from './tests.js';

/** Rows of a zone, of each of which the least and the largest entry of a column are known. */
const ZONE_ROWS = 4096;

/** Every so many rows are looked at before all of them. */
const SAMPLE_STEP = 256;

/**
 * Entries that a test lets pass: between two bounds, of unsigned entries of 1, 2 or 4 bytes, or of LONGs of 8 bytes. Bounds and
 * entries are told as doubles: rounding keeps their order, so what is apart as doubles is apart.
 */
export interface EntryBounds {
  readonly address: number;
  readonly width: 1 | 2 | 4 | 8;
  readonly low: number;
  readonly high: number;
}

/** The least and the largest entry of each zone of a column, found when first asked for. */
class ZoneMap {
  readonly #extremes: Extremes;
  readonly #least: Float64Array;
  readonly #most: Float64Array;

  /** What an earlier snapshot tells of zones that were full then holds. */
  constructor(
    readonly rowCount: number,
    memory: WebAssembly.Memory,
    column: EntryBounds,
    earlier: ZoneMap | null,
  ) {
    const zones = Math.ceil(rowCount / ZONE_ROWS);
    this.#least = new Float64Array(zones).fill(Number.NaN);
    this.#most = new Float64Array(zones);
    if (earlier !== null) {
      const full = Math.floor(Math.min(rowCount, earlier.rowCount) / ZONE_ROWS);
      this.#least.set(earlier.#least.subarray(0, full));
      this.#most.set(earlier.#most.subarray(0, full));
    }
    this.#extremes = (column.width === 8 ? longs : unsigned)(memory, column, rowCount);
  }

  /** Whether no entry of the zone lies within the bounds. */
  isOutside(zone: number, { low, high }: EntryBounds): boolean {
    if (Number.isNaN(this.#least[zone]!)) {
      const from = zone * ZONE_ROWS;
      const to = Math.min(this.rowCount, from + ZONE_ROWS);
      // Where entries lie in no order a few of them show that the rest need not be looked at.
      const [sampledLeast, sampledMost] = this.#extremes(from, to, SAMPLE_STEP);
      if (sampledMost >= low && sampledLeast <= high) return false;
      const [least, most] = this.#extremes(from, to, 1);
      this.#least[zone] = least;
      this.#most[zone] = most;
    }
    return this.#most[zone]! < low || this.#least[zone]! > high;
  }
}

/** By segment or lineage, then by address of the column. */
const maps = new WeakMap<object, Map<number, ZoneMap>>();

function mapOf(segment: Segment, memory: WebAssembly.Memory, bounds: EntryBounds): ZoneMap {
  const key = segment.lineage ?? segment;
  const known = maps.get(key) ?? new Map<number, ZoneMap>();
  maps.set(key, known);
  const last = known.get(bounds.address) ?? null;
  if (last?.rowCount === segment.rowCount) return last;
  const map = new ZoneMap(segment.rowCount, memory, bounds, last);
  known.set(bounds.address, map);
  return map;
}

/** The parts of a range of rows in which some row may pass; the range itself where nothing is known. */
export function* passingZones(segment: Segment, test: Test, range: RowRange): Generator<RowRange> {
  const memory = segment.scanMemory?.memory;
  if (memory === undefined || segment.isTransient || !tellsBounds(test)) {
    yield range;
    return;
  }
  let from = range.from;
  for (let at = range.from; at < range.to; ) {
    const zone = Math.floor(at / ZONE_ROWS);
    const end = Math.min(range.to, (zone + 1) * ZONE_ROWS);
    if (isOutside(segment, memory, test, zone)) {
      if (from < at) yield { from, to: at };
      from = end;
    }
    at = end;
  }
  if (from < range.to) yield { from, to: range.to };
}

function tellsBounds(test: Test): boolean {
  if (test.kind === 'and') return test.tests.some(tellsBounds);
  if (test.kind === 'or') return test.tests.every(tellsBounds);
  return (test.kind === 'mask' || test.kind === 'rows') && test.bounds !== undefined;
}

/** Whether no row of a zone can pass. */
function isOutside(
  segment: Segment,
  memory: WebAssembly.Memory,
  test: Test,
  zone: number,
): boolean {
  if (test.kind === 'and') return test.tests.some((each) => isOutside(segment, memory, each, zone));
  if (test.kind === 'or') return test.tests.every((each) => isOutside(segment, memory, each, zone));
  if ((test.kind !== 'mask' && test.kind !== 'rows') || test.bounds === undefined) return false;
  return test.bounds.every((bounds) => mapOf(segment, memory, bounds).isOutside(zone, bounds));
}

/** Of rows [from, to), every `step`-th. */
type Extremes = (from: number, to: number, step: number) => readonly [least: number, most: number];

/** Makes a view of unsigned entries. */
type Entries = new (
  buffer: ArrayBufferLike,
  at: number,
  count: number,
) => Uint8Array | Uint16Array | Uint32Array;

const ARRAYS: Readonly<Record<1 | 2 | 4, Entries>> = {
  1: Uint8Array,
  2: Uint16Array,
  4: Uint32Array,
};

function unsigned(
  { buffer }: WebAssembly.Memory,
  { address, width }: EntryBounds,
  rowCount: number,
): Extremes {
  const entries = new ARRAYS[width as 1 | 2 | 4](buffer, address, rowCount);
  return (from, to, step) => {
    let [least, most] = [entries[from]!, entries[from]!];
    for (let row = from + step; row < to; row += step) {
      const entry = entries[row]!;
      if (entry < least) least = entry;
      if (entry > most) most = entry;
    }
    return [least, most];
  };
}

function longs(
  { buffer }: WebAssembly.Memory,
  { address }: EntryBounds,
  rowCount: number,
): Extremes {
  const low = new Uint32Array(buffer, address, 2 * rowCount);
  const high = new Int32Array(buffer, address, 2 * rowCount);
  return (from, to, step) => {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let row = from; row < to; row += step) {
      const entry = high[2 * row + 1]! * 2 ** 32 + low[2 * row]!;
      if (entry < least) least = entry;
      if (entry > most) most = entry;
    }
    return [least, most];
  };
}
