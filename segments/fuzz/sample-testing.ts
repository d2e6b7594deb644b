import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VirtualDisk } from '../../core/index.js';
import { indexKinds } from '../../indexes/index.js';
import {
  type ArrayType,
  complexType,
  Json,
  parseAggregator,
  parseGranularity,
  pathColumn,
  type ScalarType,
  type Value,
} from '../../model/index.js';
import { HyperLogLog } from '../../sketches/index.js';
import { vectorOf, vectorsOf } from '../encodings/testing.js';
import { textListOf } from '../encodings/text-dictionary.js';
import type { ComplexVector, JsonVector, Vector } from '../encodings/vector.js';
import type { ColumnEntry } from '../format/directory.js';
import { SegmentWriter } from '../format/segment-writer.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import type { TreeDefinition } from '../schema.js';
import { sealSegments } from '../seal/seal-segments.js';
import { inputTypes, rowsOf, schemaOf, testPool } from '../testing.js';

/** For tests: where a golden file is. */
export const goldenPath = (name: string): string =>
  join(dirname(fileURLToPath(import.meta.url)), '..', 'golden', name);

const START_MS = 1_700_000_000_000;
const CHOICE = { bitmap: true, kinds: indexKinds().map(({ name }) => name) };

/** A column by its values, in every row that the file has. */
interface Column {
  readonly kind: ScalarType | ArrayType;
  readonly at: (row: number) => Value;
}

const column = (kind: Column['kind'], at: Column['at']): Column => ({ kind, at });

/** Columns for every encoding but those of COMPLEX, most of them with nulls. */
const COLUMNS: Readonly<Record<string, Column>> = {
  text: column('STRING', (row) => (row % 7 === 0 ? null : `word ${'äbc\u{1F600}'[row % 4]}${row}`)),
  runs: column('STRING', (row) => `r${row >> 6}`),
  tags: column('STRING', (row) => [null, 'x', ['x', 'y z', 'x'], ['y z', null]][row % 4]!),
  constant: column('LONG', (row) => (row % 5 === 0 ? null : -42)),
  delta: column('LONG', (row) => (row % 9 === 0 ? null : 1000 * (row % 100))),
  wide: column('LONG', (row) => 2n ** 60n * BigInt((row % 4) - 2) + BigInt(row * row)),
  fewLongs: column('LONG', (row) => [2n ** 62n, 17, -(2n ** 50n) - 3n][row % 3]!),
  double: column('DOUBLE', (row) => [null, -0, Number.NaN, 0.1 * row][row % 4]!),
  sameDouble: column('DOUBLE', () => 2.5),
  fewDoubles: column('DOUBLE', (row) => [0.5, -1.5, null][row % 3]!),
  float: column('FLOAT', (row) => Math.fround(row / 3)),
  sameFloat: column('FLOAT', (row) => (row % 2 === 0 ? null : 0.5)),
  fewFloats: column('FLOAT', (row) => [0.5, -1.5][row % 2]!),
  texts: column('ARRAY<STRING>', (row) => [null, [], ['ab', null], ['abc', 'ab']][row % 4]!),
  longs: column('ARRAY<LONG>', (row) => [null, [], [2n ** 60n, null], [-1, 7]][row % 4]!),
  doubles: column('ARRAY<DOUBLE>', (row) => [null, [], [-0, null], [0.1, 7]][row % 4]!),
};

/** Rows and columns for whatever only longer files have: zones of every form. */
const LONG_COLUMNS: Readonly<Record<string, Column>> = {
  zonedText: column('STRING', (row) => `z${row >> 8}`),
  zonedLong: column('LONG', (row) => (row % 11 === 0 ? null : row >> 5)),
  zonedDouble: column('DOUBLE', (row) => (row >> 10) / 8),
};

/** For tests: a segment file with every encoding and every kind of index that files of a few rows have. */
export const smallSample = (): Uint8Array => written(128, COLUMNS, true);

/** For tests: a segment file with the kinds of index that only files of more rows have. */
export const zonedSample = (): Uint8Array => written(4200, LONG_COLUMNS, false);

function written(
  rowCount: number,
  columns: Readonly<Record<string, Column>>,
  hasComplex: boolean,
): Uint8Array {
  const disk = new VirtualDisk();
  const writer = new SegmentWriter(disk, '/s');
  const add = (name: string, role: ColumnEntry['role'], vector: Vector) =>
    writer.column(name, role, vector, { indexes: CHOICE });
  const valuesOf = ({ at }: Column) => Array.from({ length: rowCount }, (_, row) => at(row));
  const times = valuesOf(column('LONG', (row) => START_MS + 500 * (row >> 1)));
  add('__time', 'time', vectorOf('LONG', times));
  for (const [name, each] of Object.entries(columns)) {
    add(name, 'dimension', vectorsOf(each.kind, valuesOf(each)).at(-1)!);
  }
  if (hasComplex) {
    const places = valuesOf(column('LONG', (row) => (row % 3 === 0 ? null : row)));
    add('json', 'dimension', documents(rowCount));
    add(pathColumn('json', ['a']), 'path', vectorOf('LONG', places));
    add('users', 'metric', sketches(rowCount));
  }
  const [minTimeMs, maxTimeMs] = [times[0] as number, times.at(-1) as number];
  writer.finish({ rowCount, minTimeMs, maxTimeMs, rollup: false, queryGranularity: 'none' });
  return disk.readFile('/s');
}

/** Some documents, null in some rows. */
function documents(rowCount: number): JsonVector {
  const values = [{ a: 1, list: [{ b: 'x' }, { b: null }] }, { a: [1, 'x'] }, [true, 0.5], 'text'];
  const texts = values.map((value) => Json.of(value)!.text).sort();
  return {
    kind: 'JSON',
    rowCount,
    texts: textListOf([null, ...texts]),
    ids: Uint8Array.from({ length: rowCount }, (_, row) => row % 5),
    paths: 'some',
  };
}

/** Sketches of a few values, null in some rows. */
function sketches(rowCount: number): ComplexVector {
  const { encode } = complexType('hyperUnique');
  const bytes = (row: number) => {
    const sketch = new HyperLogLog();
    for (let i = 0; i < row % 4; i++) sketch.addText(`${row} ${i}`);
    return row % 6 === 0 ? null : encode(sketch);
  };
  return { kind: 'COMPLEX', type: 'COMPLEX<hyperUnique>', rowCount, bytes };
}

/** What the rows of `treeSample` are: few enough of each text and number that there are trees. */
const TREE_ROWS = Array.from({ length: 400 }, (_, row) => ({
  __time: START_MS + 30_000 * row,
  city: row % 7 === 0 ? null : `city ${(row * row) % 4}`,
  size: row % 11 === 0 ? null : (((row * 5) % 3) - 1) * 2 ** 40,
  rate: [0.5, -1.5, null][(row >> 4) % 3]!,
  user: `u${(row * 37) % 90}`,
  added: row % 13 === 0 ? null : row % 29,
}));

/** For tests: a segment file with two star-trees, of texts, numbers and time, with nulls, and with counts, sums and sketches. */
export function treeSample(): Uint8Array {
  const dimensions = {
    city: 'STRING',
    size: 'LONG',
    rate: 'DOUBLE',
    user: 'STRING',
    added: 'LONG',
  };
  const schema = schemaOf(dimensions as Record<string, ScalarType>, [], { starTrees: TREES });
  const rows = new MutableSegment(schema, testPool());
  rows.append(rowsOf(TREE_ROWS, inputTypes(schema)));
  const disk = new VirtualDisk();
  sealSegments(disk, '/d', () => 's', [rows.snapshot()], schema, { maxRowsPerSegment: 1000 });
  rows.close();
  return disk.readFile('/d/s');
}

const METRICS = [
  { type: 'count', name: 'rows' },
  { type: 'longSum', name: 'sum', fieldName: 'added' },
  { type: 'hyperUnique', name: 'users', fieldName: 'user' },
].map((spec) => parseAggregator(spec, ''));

const dimension = (name: string, skipStar = false) => ({ name, skipStar });

const TREES: readonly TreeDefinition[] = [
  {
    dimensions: [
      dimension('city'),
      { ...dimension('__time', true), granularity: parseGranularity('hour', '') },
      dimension('size'),
    ],
    metrics: METRICS,
    maxLeafRecords: 3,
  },
  {
    dimensions: [dimension('rate'), dimension('city')],
    metrics: METRICS.slice(0, 2),
    maxLeafRecords: 1,
  },
];
