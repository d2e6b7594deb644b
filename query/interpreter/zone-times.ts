import type { Segment } from '../../segments/index.js';

/** Rows of a zone, of each of which the least and the largest time are known. A multiple of 64. */
export const TIME_ZONE_ROWS = 4096;

/** The times of rows that lie in any order, and their bounds in zones: those that come at about one time lie together. */
export class ZoneTimes {
  readonly timeAt: (row: number) => number;
  readonly #least: number[];
  readonly #most: number[];

  /** What an earlier snapshot tells of zones that were full then holds. */
  constructor(
    private readonly segment: Segment,
    earlier: ZoneTimes | null,
  ) {
    this.timeAt = timeReader(segment);
    const rows = Math.min(segment.rowCount, earlier?.segment.rowCount ?? 0);
    const full = Math.floor(rows / TIME_ZONE_ROWS);
    this.#least = earlier === null ? [] : earlier.#least.slice(0, full);
    this.#most = earlier === null ? [] : earlier.#most.slice(0, full);
  }

  isOf(segment: Segment): boolean {
    return this.segment === segment;
  }

  leastMs(zone: number): number {
    if (this.#least[zone] === undefined) this.#find(zone);
    return this.#least[zone]!;
  }

  mostMs(zone: number): number {
    if (this.#most[zone] === undefined) this.#find(zone);
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

/** By lineage, or segment. */
const known = new WeakMap<object, ZoneTimes>();

export function zoneTimesOf(segment: Segment): ZoneTimes {
  const key = segment.lineage ?? segment;
  const last = known.get(key) ?? null;
  if (last?.isOf(segment)) return last;
  const times = new ZoneTimes(segment, last);
  known.set(key, times);
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
