import type { Segment } from '../../segments/index.js';

/** Rows of a zone, of each of which the least and the largest time are known. A multiple of 64. */
export const TIME_ZONE_ROWS = 4096;

/** The times of rows that lie in any order, and their bounds in zones: those that come at about one time lie together. */
export class ZoneTimes {
  readonly timeAt: (row: number) => number;
  readonly #least: Float64Array;
  readonly #most: Float64Array;

  constructor(private readonly segment: Segment) {
    this.timeAt = timeReader(segment);
    const zones = Math.ceil(segment.rowCount / TIME_ZONE_ROWS);
    this.#least = new Float64Array(zones).fill(Number.NaN);
    this.#most = new Float64Array(zones);
  }

  leastMs(zone: number): number {
    if (Number.isNaN(this.#least[zone]!)) this.#find(zone);
    return this.#least[zone]!;
  }

  mostMs(zone: number): number {
    if (Number.isNaN(this.#least[zone]!)) this.#find(zone);
    return this.#most[zone]!;
  }

  #find(zone: number): void {
    const from = zone * TIME_ZONE_ROWS;
    const to = Math.min(this.segment.rowCount, from + TIME_ZONE_ROWS);
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let row = from; row < to; row++) {
      const timeMs = this.timeAt(row);
      if (timeMs < least) least = timeMs;
      if (timeMs > most) most = timeMs;
    }
    this.#least[zone] = least;
    this.#most[zone] = most;
  }
}

const known = new WeakMap<Segment, ZoneTimes>();

export function zoneTimesOf(segment: Segment): ZoneTimes {
  const times = known.get(segment) ?? new ZoneTimes(segment);
  known.set(segment, times);
  return times;
}

function timeReader(segment: Segment): (row: number) => number {
  const { scanMemory, rowCount } = segment;
  const scan = scanMemory && segment.scanColumn('__time');
  if (scan?.layout === 'longs') {
    const { buffer } = scanMemory!.memory;
    const low = new Uint32Array(buffer, scan.address, 2 * rowCount);
    const high = new Int32Array(buffer, scan.address, 2 * rowCount);
    return (row) => high[2 * row + 1]! * 2 ** 32 + low[2 * row]!;
  }
  const cursor = segment.cursor();
  return (row) => {
    cursor.row = row;
    return cursor.timeMs();
  };
}
