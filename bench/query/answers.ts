/** A cell, whatever engine it came from: instants are milliseconds, longs beyond 2^53 bigints. */
export type Cell = null | boolean | number | bigint | string;

export type Rows = readonly (readonly Cell[])[];

/** How closely two answers must agree. */
export interface Tolerance {
  /** Rows come in the order that the query asked for. */
  readonly ordered: boolean;
  /** Columns that hold approximate counts. */
  readonly approximate: readonly number[];
  /** How far off they may be, as a share. */
  readonly within?: number | undefined;
  /** Instead: these are the last columns, and for each of them two are expected, the least value and the greatest. */
  readonly isRange?: boolean | undefined;
}

/** A long as all engines give it here: a number where that is exact. */
export const long = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

const RELATIVE = 1e-9;
const APPROXIMATE = 0.05;

/** The first difference between two answers in words; null when there is none. */
export function difference(expected: Rows, got: Rows, tolerance: Tolerance): string | null {
  const [left, right] = tolerance.ordered ? [expected, got] : [sorted(expected), sorted(got)];
  const row = left.findIndex((cells, at) => !alike(cells, right[at], tolerance));
  if (row >= 0) return `row ${row}: expected ${shown(left[row])}, got ${shown(right[row])}`;
  return left.length === right.length
    ? null
    : `row ${left.length}: expected ${left.length} rows, got ${right.length}; the next is ${shown(right[left.length])}`;
}

function alike(
  expected: readonly Cell[],
  got: readonly Cell[] | undefined,
  { approximate, within = APPROXIMATE, isRange = false }: Tolerance,
): boolean {
  if (isRange) return isWithin(expected, got, approximate);
  return (
    got?.length === expected.length &&
    expected.every((cell, column) =>
      equal(cell, got[column]!, approximate.includes(column) ? within : RELATIVE),
    )
  );
}

function isWithin(
  expected: readonly Cell[],
  got: readonly Cell[] | undefined,
  ranges: readonly number[],
): boolean {
  const [first = 0] = ranges;
  return (
    got?.length === first + ranges.length &&
    expected.length === first + 2 * ranges.length &&
    got.every((cell, at) => {
      if (at < first) return equal(expected[at]!, cell, RELATIVE);
      const low = first + 2 * (at - first);
      return lies(cell, expected[low]!, expected[low + 1]!);
    })
  );
}

/** Between doubles as engines round them. */
const lies = (cell: Cell, least: Cell, greatest: Cell): boolean =>
  equal(cell, least, RELATIVE) ||
  equal(cell, greatest, RELATIVE) ||
  (isNumber(cell) &&
    isNumber(least) &&
    isNumber(greatest) &&
    Number(cell) >= Number(least) &&
    Number(cell) <= Number(greatest));

/** Whole numbers agree exactly unless they are approximate; doubles to the last digits. */
function equal(a: Cell, b: Cell, relative: number): boolean {
  if (a === b) return true;
  if (!isNumber(a) || !isNumber(b)) return false;
  if (relative === RELATIVE && isWhole(a) && isWhole(b)) return BigInt(a) === BigInt(b);
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) <= relative * Math.max(Math.abs(x), Math.abs(y));
}

const isNumber = (cell: Cell): cell is number | bigint =>
  typeof cell === 'number' || typeof cell === 'bigint';

/** A double beyond 2^53 is whole only by rounding. */
const isWhole = (value: number | bigint): boolean =>
  typeof value === 'bigint' || Number.isSafeInteger(value);

/** In some order that only the values decide. */
function sorted(rows: Rows): Rows {
  const keyed = rows.map((cells) => ({ key: shown(cells), cells }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map((row) => row.cells);
}

function shown(cells: readonly Cell[] | undefined): string {
  if (cells === undefined) return 'no row';
  return JSON.stringify(cells, (_, cell) => (typeof cell === 'bigint' ? String(cell) : cell));
}
