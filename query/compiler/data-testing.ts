import { ArenaPool, VirtualDisk } from '../../core/index.js';
import {
  type ArrayType,
  JSON_TYPE,
  Json,
  type JsonValue,
  type Scalar,
  type ScalarType,
  type Value,
  type ValueType,
} from '../../model/index.js';
import {
  attachSegment,
  MutableSegment,
  openSegment,
  type Segment,
  type SegmentHandle,
  sealSegments,
} from '../../segments/index.js';
import { inputTypes, type PlainRow, put, rowsOf, schemaOf } from '../../segments/testing.js';

/** For tests: rows told by a few numbers, of every physical layout that a column can have. */
export interface DataSpec {
  readonly rowCount: number;
  readonly seed: number;
  readonly times: TimeShape;
  readonly form: DataForm;
}

/** A sealed file, or rows in memory as they arrived, in the order of their times or not. */
export const DATA_FORMS = ['sealed', 'mutable', 'mutable in time'] as const;
export type DataForm = (typeof DATA_FORMS)[number];

export const TIME_SHAPES = ['one', 'millis', 'hour', 'days', 'months', 'ascending'] as const;
export type TimeShape = (typeof TIME_SHAPES)[number];

const HOUR = 3_600_000;
/** Clocks in Berlin go forward three hours later, and the month ends. */
export const FIRST_MS = Date.UTC(2024, 2, 30, 22);

const TIMES: Readonly<Record<TimeShape, (random: number, row: number) => number>> = {
  one: () => FIRST_MS,
  millis: (random) => FIRST_MS + (random % 20),
  hour: (random) => FIRST_MS + (random % HOUR),
  days: (random) => FIRST_MS + (random % 72) * HOUR,
  // From before 1970 on.
  months: (random) => (random % 40) * 11 * 24 * HOUR - 50 * 24 * HOUR,
  ascending: (_random, row) => FIRST_MS + row * 60_000,
};

const LONG_MIN = -(2n ** 63n);
const SPECIAL_LONGS = [LONG_MIN, 2n ** 63n - 1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 0, 5, -1];
const SPECIAL_DOUBLES = [
  ...[0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.5, -1.5, 0.1],
  ...[5e-324, 2 ** 63, -(2 ** 63), 1e19, 1 / 3, 2 ** 53],
];
const SPECIAL_FLOATS = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, 0.1, -2.5, 3.4e38].map(
  Math.fround,
);
const FEW = ['a', '', '1', '2.5', 'TRUE'];
const ELEMENTS = ['a', 'b', 'ab', '', '\u{1F600}', '7', '-1', 'x', 'y', 'z'];

/** What the texts of `su` are made of; some end like others begin. */
export const PIECES = [
  'a',
  'b',
  'ab',
  'ba',
  '\u00e9',
  '\u20ac',
  '\ufffd',
  '\u{1F600}',
  '\u{1F601}',
];

const pick = <T>(list: readonly T[], random: number): T => list[random % list.length]!;

interface TestColumn {
  readonly type: ScalarType | ArrayType | typeof JSON_TYPE;
  /** `variant` is the same for all rows. */
  readonly value: (random: number, variant: number) => Value;
  readonly nulls?: 'all' | 'none';
}

const list = (random: number, count: number, longest: number): Value => {
  const length = random % (longest + 1);
  if (length === 0) return null;
  const elements = Array.from({ length }, (_, i) =>
    pick(ELEMENTS, ((random >>> 5) + i * i) % count),
  );
  return length === 1 ? elements[0]! : elements;
};

const array = (random: number, longest: number, element: (random: number) => Scalar): Value =>
  Array.from({ length: random % (longest + 1) }, (_, i) =>
    (random >>> i) % 7 === 0 ? null : element((random >>> 5) + i * i),
  );

/** Objects with numbers narrow and wide, texts, lists and mixtures, some members missing in each. */
function json(random: number): Value {
  const at = (i: number): number => (random >>> i) % 1000;
  const members: Record<string, JsonValue> = {
    n: (at(1) % 11) - 5,
    w: pick([2 ** 40, 2n ** 60n, -7, 0], at(2)),
    d: pick([0.5, 2, -1.5, 1e20], at(3)),
    s: pick(FEW, at(4)),
    m: pick<JsonValue>([1, '1', true, 2.5, [1], { x: 1 }], at(5)),
    l: pick<JsonValue>([[1, 2], [3], [], [null]], at(6)),
    o: { x: at(7) % 3, y: [{ z: pick(FEW, at(8)) }, at(8)] },
  };
  const keys = Object.keys(members).filter((_, i) => (random >>> (i + 9)) % 4 !== 0);
  return Json.of(Object.fromEntries(keys.map((key) => [key, members[key]!])));
}

const TEST_COLUMNS: Readonly<Record<string, TestColumn>> = {
  s1: { type: 'STRING', value: () => 'one' },
  s5: { type: 'STRING', value: (random) => pick(FEW, random) },
  s300: {
    type: 'STRING',
    value: (random) => (random % 2 === 0 ? `v${random % 300}` : `${(random % 300) - 150}`),
  },
  // Each row its own, or nearly.
  sid: { type: 'STRING', value: (random) => `x${random % 75_000}` },
  m: { type: 'STRING', value: (random) => list(random, 5, 3) },
  mm: { type: 'STRING', value: (random) => list(random, 10, 7) },
  as: { type: 'ARRAY<STRING>', value: (random) => array(random, 3, (r) => pick(ELEMENTS, r % 5)) },
  j: { type: JSON_TYPE, value: (random) => json(random % 5000) },
  al: { type: 'ARRAY<LONG>', value: (random) => array(random, 2, (r) => (r % 5) - 1) },
  ad: { type: 'ARRAY<DOUBLE>', value: (random) => array(random, 2, (r) => pick([1, 2.5, -0], r)) },
  n1: { type: 'LONG', value: (_random, variant) => pick([42, LONG_MIN, 0], variant) },
  n8: { type: 'LONG', value: (random) => (random % 11) - 5 },
  // Zero lies between the values, but is none of them.
  nz: { type: 'LONG', value: (random) => pick([-1, 1, 3], random) },
  n16: { type: 'LONG', value: (random) => (random % 60_000) - 1000 },
  n32: { type: 'LONG', value: (random) => (random % 3_000_000_000) - 5 },
  n64: {
    type: 'LONG',
    value: (random) =>
      random % 3 === 0
        ? BigInt.asIntN(64, BigInt(random) * 0x9e3779b97f4a7c15n)
        : pick(SPECIAL_LONGS, random >>> 3),
  },
  nbig: { type: 'LONG', value: (random) => 2n ** 60n + BigInt(random % 200) },
  // From the last safe integers to the first unsafe ones.
  nsafe: { type: 'LONG', value: (random) => BigInt(2 ** 53 - 10) + BigInt(random % 20) },
  // Few, and wide.
  nd: { type: 'LONG', value: (random) => BigInt((random % 12) - 6) * 2n ** 59n + 1n },
  // Multiples of what is no power of two, above a base that is none of them.
  nu: { type: 'LONG', value: (random) => 3_600_000 * (random % 700) - 999 },
  dd: { type: 'DOUBLE', value: (random) => pick([0, 0.1, -1.5, 1e300, Infinity, 2], random) },
  fd: { type: 'FLOAT', value: (random) => Math.fround(pick([0, 0.1, -1.5, 3e38, 2], random)) },
  d: { type: 'DOUBLE', value: (random) => ((random % 401) - 200) / 2 },
  dx: { type: 'DOUBLE', value: (random) => pick(SPECIAL_DOUBLES, random) },
  d1: { type: 'DOUBLE', value: (_random, variant) => pick([2.5, -0, Number.NaN], variant) },
  f: { type: 'FLOAT', value: (random) => ((random % 65) - 32) / 4 },
  fx: { type: 'FLOAT', value: (random) => pick(SPECIAL_FLOATS, random) },
  f1: { type: 'FLOAT', value: (_random, variant) => Math.fround(pick([0.1, -0, 7], variant)) },
  snull: { type: 'STRING', value: () => null, nulls: 'all' },
  nnull: { type: 'LONG', value: () => null, nulls: 'all' },
  dnull: { type: 'DOUBLE', value: () => null, nulls: 'all' },
  su: {
    type: 'STRING',
    value: (random) =>
      Array.from({ length: random % 7 }, (_, i) => pick(PIECES, random >>> (3 * i + 3))).join(''),
  },
  ...Object.fromEntries(
    // The same without any null.
    [0, 1].map((i) => [
      `k${i}`,
      { type: 'LONG', nulls: 'none', value: (random: number) => (random >>> i) % 200 },
    ]),
  ),
};

/** What a cell of the column may hold, as text; null where it holds no plain value. */
export function cellText(column: string, random: number): string | null {
  if (column === '__time')
    return String(TIMES[pick(TIME_SHAPES, random)](random >>> 3, random % 5));
  const cell = TEST_COLUMNS[column]?.value(random, random >>> 3) ?? null;
  const value = Array.isArray(cell) ? (cell as readonly Value[])[0]! : cell;
  return value === null ? null : String(value);
}

/** A number in [0, 2^32) for each cell, the same whatever the other rows are. */
function randomAt(seed: number, column: number, row: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(column + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15) ^ row, 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 13), 0x297a2d39);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Nowhere, here and there, or everywhere, by column. */
function isNull(spec: DataSpec, column: number, row: number): boolean {
  const kind = randomAt(spec.seed, column, -1) % 10;
  if (kind >= 5) return kind === 9;
  return kind < 4 && randomAt(spec.seed, column + 100, row) % 4 === 0;
}

/** The rows, or some columns of them. */
export function rowsOfSpec(spec: DataSpec, wanted?: ReadonlySet<string>): PlainRow[] {
  const columns = Object.entries(TEST_COLUMNS);
  const time = TIMES[spec.times];
  return Array.from({ length: spec.rowCount }, (_, row) => {
    const cells: Record<string, Value> = { __time: time(randomAt(spec.seed, 99, row), row) };
    for (const [i, [name, { value, nulls }]] of columns.entries()) {
      if (wanted?.has(name) === false) continue;
      const variant = randomAt(spec.seed, i, -2);
      cells[name] =
        nulls !== 'none' && isNull(spec, i, row)
          ? null
          : value(randomAt(spec.seed, i, row), variant);
    }
    return cells;
  });
}

const SCHEMA = schemaOf(
  Object.fromEntries(Object.entries(TEST_COLUMNS).map(([name, { type }]) => [name, type])),
  [{ type: 'hyperUnique', name: 'hu', fieldName: 's5' }],
);
const TYPES: Record<string, ValueType> = inputTypes(SCHEMA);

/** Room to scan in is cut into slots of 64 KiB or more. */
const SCRATCH_BYTES = 4 << 20;
const pool = new ArenaPool({ arenaBytes: 4 << 20, maxBytes: 1 << 30, scratchBytes: SCRATCH_BYTES });

/** For tests: a segment in memory. */
export interface OpenData {
  readonly segment: Segment;
  readonly handle: SegmentHandle;
  /** Of the rows that count: a file without rows there is not. */
  readonly rowCount: number;
  /** Snapshots of the segment with fewer rows, which queries have seen before. */
  readonly earlier: readonly OpenData[];
  close(): void;
}

export function openData(spec: DataSpec): OpenData {
  const rows = rowsOfSpec({ ...spec, rowCount: Math.max(1, spec.rowCount) });
  if (spec.form === 'mutable in time') {
    rows.sort((a, b) => Number(a.__time) - Number(b.__time));
  }
  const data = spec.form === 'sealed' ? openRows(rows) : openMutable(rows);
  return { ...data, rowCount: spec.rowCount };
}

/** Comparing queries over snapshots of more rows takes long. */
const MAX_SEEN_BEFORE = 400;

/** Rows that came in several batches; more come behind those that are seen. */
function openMutable(rows: readonly PlainRow[]): OpenData {
  const segment = new MutableSegment(SCHEMA, pool);
  const ends = [0, 1, ...[0.4, 0.7, 1].map((part) => Math.ceil(part * rows.length))];
  const seen = ends.slice(1).map((end, i): OpenData => {
    segment.append(rowsOf(rows.slice(ends[i], end), TYPES));
    const { handle, rowCount } = segment.snapshot();
    const close = (): void => segment.close();
    return { handle, segment: attachSegment(handle), rowCount, earlier: [], close };
  });
  segment.append(rowsOf(rows.slice(0, 1000).reverse(), TYPES));
  return { ...seen.at(-1)!, earlier: rows.length > MAX_SEEN_BEFORE ? [] : seen.slice(1, -1) };
}

/** Seals rows into a file and brings it into memory, changed on the way. */
export function openRows(
  rows: readonly PlainRow[],
  change?: (bytes: Uint8Array) => Uint8Array,
): OpenData {
  const disk = new VirtualDisk();
  const open = new MutableSegment(SCHEMA, pool);
  open.append(rowsOf(rows, TYPES));
  const name = (partition: number) => `part-${partition}`;
  const options = { maxRowsPerSegment: rows.length };
  const sealed = sealSegments(disk, '/sealed', name, [open.snapshot()], SCHEMA, options);
  const { path } = sealed[0]!;
  open.close();
  if (change !== undefined) put(disk, path, change(disk.readFile(path)));
  const segment = openSegment(disk, path, pool, 'all');
  const { handle, rowCount, close } = segment;
  return { handle, segment, rowCount, earlier: [], close };
}
