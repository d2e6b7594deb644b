import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Disk, RealDisk, VirtualDisk } from '../core/index.js';
import { type IndexPredicate, indexKinds, rowsIn } from '../indexes/index.js';
import { Json, type JsonCondition, pathColumn, type Value } from '../model/index.js';
import { compareElements } from './cells.js';
import { openSegment } from './immutable/load.js';
import { MutableSegment } from './mutable/mutable-segment.js';
import type { DimensionSchema, SegmentSchema } from './schema.js';
import { sealSegments } from './seal/seal-segments.js';
import { cellsOf, inputTypes, type PlainRow, rowsOf, schemaOf, testPool } from './testing.js';
import type { Segment } from './types.js';

const GOLDEN = join(dirname(fileURLToPath(import.meta.url)), 'golden');
const pool = testPool();
const schema = schemaOf({ s: 'STRING', tags: 'STRING', n: 'LONG', d: 'DOUBLE' });

/** The schema with every index that a dimension can be asked for. */
const indexed: SegmentSchema = {
  ...schema,
  dimensions: schema.dimensions.map(
    (dimension): DimensionSchema => ({
      ...dimension,
      indexes: { bitmap: true, kinds: ['bloom', 'range', 'text'] },
    }),
  ),
};

function seal(
  disk: Disk,
  rows: readonly PlainRow[],
  of: SegmentSchema,
  directory = '/d',
  name = 's',
): Segment {
  const open = new MutableSegment(of, pool);
  open.append(rowsOf(rows, inputTypes(of)));
  const options = { maxRowsPerSegment: 1 << 20 };
  const [sealed] = sealSegments(disk, directory, () => name, [open.snapshot()], of, options);
  open.close();
  return openSegment(disk, sealed!.path, pool, 'all');
}

const text = fc.option(fc.oneof(fc.constantFrom('a', 'b c', 'ä'), fc.string({ maxLength: 2 })));
const row: fc.Arbitrary<PlainRow> = fc.record({
  __time: fc.nat(20),
  s: text,
  tags: fc.oneof(text, fc.array(text, { maxLength: 3 })),
  n: fc.option(fc.integer({ min: -3, max: 3 })),
  d: fc.option(fc.constantFrom(0.5, -1, Number.NaN)),
});

const elements = (cell: Value): readonly (string | null)[] => {
  if (Array.isArray(cell)) return cell as (string | null)[];
  return cell === null ? [] : [cell as string];
};

/** What an index tells of a predicate; null where it is not there. */
function told(segment: Segment, column: string, kind: string, predicate: IndexPredicate) {
  const answer = segment.index(column, kind)?.rows(predicate) ?? null;
  return answer === null ? null : [...rowsIn(answer.rows, 0, segment.rowCount)];
}

const one = (code: number): IndexPredicate => ({
  kind: 'codes',
  codes: { kind: 'ranges', ranges: [{ from: code, to: code + 1 }] },
});

test('indexes tell the rows of the codes, numbers and words that the file has', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 60 }), (rows) => {
      const segment = seal(new VirtualDisk(), rows, indexed);
      const names = segment.columns.map(({ name }) => name);
      const cells = cellsOf(segment);
      const column = (name: string) => cells.map((each) => each[names.indexOf(name)]!);
      const rowsWhere = (name: string, test: (cell: Value) => boolean) =>
        column(name).flatMap((cell, i) => (test(cell ?? null) ? [i] : []));

      const texts = [...new Set(column('s') as (string | null)[])].sort(compareElements);
      for (const [code, each] of texts.entries()) {
        const found = told(segment, 's', 'inverted', one(code));
        if (found !== null) expect(found).toEqual(rowsWhere('s', (cell) => cell === each));
      }
      const isList = segment.columns[names.indexOf('tags')]!.multiValue;
      const tags = [...new Set(column('tags').flatMap(elements))].sort(compareElements);
      for (const [code, tag] of isList ? tags.entries() : []) {
        const expected = rowsWhere('tags', (cell) => elements(cell).includes(tag));
        expect(told(segment, 'tags', 'inverted', one(code))).toEqual(expected);
      }
      if (isList) {
        const none = rowsWhere('tags', (cell) => cell === null);
        expect(told(segment, 'tags', 'inverted', one(tags.length))).toEqual(none);
      }
      const points: IndexPredicate = { kind: 'numbers', ranges: [], points: [2, Number.NaN] };
      for (const name of ['n', 'd']) {
        const found = told(segment, name, 'range', points);
        const expected = rowsWhere(name, (cell) => cell === 2 || Number.isNaN(cell));
        if (found !== null) expect(found).toEqual(expected);
      }
      const words: IndexPredicate = { kind: 'words', words: ['c'], mode: 'all' };
      const hasWord = rowsWhere('s', (cell) => /^(.*\W)?c(\W.*)?$/i.test((cell as string) ?? ''));
      expect(told(segment, 's', 'text', words) ?? []).toEqual(hasWord);
    }),
    { numRuns: 150 },
  );
});

/** What all indexes of some kinds of columns tell, of a few predicates each. */
function toldByAll(segment: Segment): unknown[] {
  const predicates: IndexPredicate[] = [
    ...[0, 1, 2, 3].map(one),
    { kind: 'texts', texts: ['no such text'] },
    { kind: 'numbers', ranges: [], points: [77, -5] },
    { kind: 'nulls' },
    { kind: 'words', words: ['word', 'b'], mode: 'any' },
    { kind: 'json', conditions: [{ path: ['list', null, 'b'], value: 1 }] },
  ];
  return segment.columns.flatMap(({ name, storage }) =>
    storage!.indexes.map(({ kind }) => [
      name,
      kind,
      predicates.map((predicate) => segment.index(name, kind)!.estimate(predicate)),
      predicates.map((predicate) => told(segment, name, kind, predicate)),
      predicates.map((predicate) => segment.index(name, kind)!.guess?.(predicate)),
      segment.index(name, kind)!.sketch?.().sketch.toBytes(),
    ]),
  );
}

/** `VARVE_WRITE_GOLDEN=1 npx vitest run segments/indexed-column.test.ts` writes the file. Never change what it is made of. */
test('golden file: indexes of every kind are still read', () => {
  const rows = Array.from({ length: 4200 }, (_, i) => ({
    __time: i,
    runs: `r${Math.floor(i / 600)}`,
    s: i % 9 === 0 ? null : `word ${String.fromCharCode(97 + ((i * i) % 7))}`,
    tags: i % 5 === 0 ? null : i % 3 === 0 ? ['x', 'y', 'x'] : 'y',
    n: (i * 37) % 251,
    doc: Json.of(i % 50 === 0 ? { list: [{ b: i % 3 }, { b: 2 }] } : null),
  }));
  const kinds = ['bloom', 'countMin', 'hll', 'jsonPath', 'kll', 'range', 'text'];
  const types = { runs: 'STRING', s: 'STRING', tags: 'STRING', n: 'LONG', doc: 'COMPLEX<json>' };
  const golden = schemaOf(types as Parameters<typeof schemaOf>[0]);
  const dimensions = golden.dimensions.map((each) => ({
    ...each,
    indexes: { bitmap: true, kinds },
  }));
  const disk = process.env.VARVE_WRITE_GOLDEN === '1' ? new RealDisk() : new VirtualDisk();
  const made = seal(disk, rows, { ...golden, dimensions }, GOLDEN, 'v2-indexes.varve');
  const stored = openSegment(new RealDisk(), join(GOLDEN, 'v2-indexes.varve'), pool, 'all');
  // Sketches have got smaller since.
  const described = ({ columns }: Segment) =>
    columns.map(({ storage, ...column }) => ({
      ...column,
      storage: { ...storage, indexes: storage!.indexes.map(({ kind }) => kind) },
    }));
  expect(described(stored)).toEqual(described(made));
  expect(toldByAll(stored)).toEqual(toldByAll(made));
  const built = new Set(made.columns.flatMap(({ storage }) => storage!.indexes.map((i) => i.kind)));
  expect([...built].sort()).toEqual(
    indexKinds()
      .map(({ name }) => name)
      .sort(),
  );
});

const manyRows = Array.from({ length: 9000 }, (_, i) => ({ __time: i, s: `v${i % 7}`, n: i }));

test('a column has what its choice says, and files that do not last have none', () => {
  const kindsOf = (segment: Segment) =>
    Object.fromEntries(
      segment.columns.map(({ name, storage }) => [name, storage!.indexes.map(({ kind }) => kind)]),
    );
  const usual = seal(new VirtualDisk(), manyRows, schema);
  expect(kindsOf(usual)).toEqual({
    __time: ['zones'],
    s: ['inverted'],
    tags: [],
    n: ['zones'],
    d: [],
  });
  expect(usual.columns[1]!.storage!.indexes[0]!.sizeBytes).toBeGreaterThan(9000);
  expect(kindsOf(seal(new VirtualDisk(), manyRows, indexed))).toEqual({
    __time: ['zones'],
    s: ['inverted', 'bloom', 'text'],
    tags: [],
    n: ['zones', 'range', 'bloom'],
    d: [],
  });
  const [first, ...others] = schema.dimensions;
  const plain = { ...first!, indexes: { bitmap: false, kinds: [] } };
  const without = { ...schema, dimensions: [plain, ...others] };
  const segment = seal(new VirtualDisk(), manyRows, without);
  expect(kindsOf(segment).s).toEqual([]);
  expect(segment.columns[1]!.storage!.indexChoice).toEqual({ bitmap: false, kinds: [] });

  const disk = new VirtualDisk();
  const options = { maxRowsPerSegment: 1 << 20, durable: false };
  const [piece] = sealSegments(disk, '/d', () => 'p', [segment], indexed, options);
  expect(kindsOf(openSegment(disk, piece!.path, pool, 'all'))).toMatchObject({ s: [], n: [] });
});

test('a JSON column has an index of its paths, which have indexes of their own', () => {
  const documents = [
    { a: 'x', list: [{ b: 1 }, { b: 2, c: 3 }] },
    null,
    { a: 'y', list: [{ b: 2 }] },
  ];
  const of = schemaOf({ doc: 'COMPLEX<json>' });
  const [doc] = of.dimensions;
  const indexes = { bitmap: true, kinds: ['jsonPath', 'text'] };
  const rows = documents.map((value, i) => ({ __time: i, doc: Json.of(value) }));
  const segment = seal(new VirtualDisk(), rows, { ...of, dimensions: [{ ...doc!, indexes }] });
  const path = (name: string) => ['list', null, name];
  const rowsWith = (...conditions: JsonCondition[]) =>
    told(segment, 'doc', 'jsonPath', { kind: 'json', conditions });
  expect(rowsWith({ path: ['a'], value: 'y' })).toEqual([2]);
  expect(rowsWith({ path: path('b'), value: 2 })).toEqual([0, 2]);
  expect(rowsWith({ path: path('b'), value: 2 }, { path: path('c') })).toEqual([0]);
  expect(rowsWith({ path: path('b'), value: 1 }, { path: path('c') })).toEqual([]);
  const words: IndexPredicate = { kind: 'words', words: ['y'], mode: 'any' };
  expect(told(segment, pathColumn('doc', ['a']), 'text', words)).toEqual([2]);
  expect(told(segment, pathColumn('doc', ['a']), 'inverted', one(1))).toEqual([0]);
});

test('a choice stays with a column that the schema does not name, and a metric says its own', () => {
  const segment = seal(new VirtualDisk(), manyRows, indexed);
  const metric = { type: 'longSum', name: 'sum', fieldName: 'n', indexes: ['range'] };
  const disk = new VirtualDisk();
  const options = { maxRowsPerSegment: 1 << 20 };
  const [merged] = sealSegments(disk, '/d', () => 'm', [segment], schemaOf({}, [metric]), options);
  const { columns } = openSegment(disk, merged!.path, pool);
  const named = (name: string) => columns.find((column) => column.name === name)!.storage!;
  expect(named('s').indexChoice).toEqual(indexed.dimensions[0]!.indexes);
  expect(named('s').indexes.map(({ kind }) => kind)).toEqual(['inverted', 'bloom', 'text']);
  expect(named('sum').indexChoice).toEqual({ bitmap: false, kinds: ['range'] });
});
