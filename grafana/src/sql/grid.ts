import type { Cell } from './answer.js';
import { bucketStarts } from './buckets.js';
import type { Fill } from './macros.js';

/** A time range [fromMs, toMs) in milliseconds since 1970. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Lines over common times. */
export interface Grid {
  /** Ascending. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  /** Rows that another row of the same time and labels took the place of. */
  readonly hidden: number;
}

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Parallel to the times; nothing where no row came, which is not the null of a row. */
  readonly cells: (Cell | undefined)[];
}

/** The grid with all buckets of the range, and the fill's value wherever no row came. */
export function filled(grid: Grid, fill: Fill, { fromMs, toMs }: TimeRange): Grid {
  const anchorMs = grid.times[0];
  if (anchorMs === undefined) return grid;
  const present = new Set(grid.times);
  const starts = bucketStarts(anchorMs, fill.interval, fill.timeZone, fromMs, toMs);
  const missing = starts.filter((start) => !present.has(start));
  const slots = [
    ...grid.times.map((time, row) => ({ time, row })),
    ...missing.map((time) => ({ time, row: -1 })),
  ].sort((a, b) => a.time - b.time);
  const series = grid.series.map((line) => {
    let previous: Cell = null;
    const cells = slots.map(({ row }) => {
      const empty = fill.value === 'previous' ? previous : fill.value;
      // There is nothing at -1 either.
      previous = line.cells[row] === undefined ? empty : line.cells[row];
      return previous;
    });
    return { ...line, cells };
  });
  return { ...grid, times: slots.map(({ time }) => time), series };
}
