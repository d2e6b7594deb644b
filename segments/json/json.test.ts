import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArenaPool, VirtualDisk } from '../../core/index.js';
import {
  castValue,
  JSON_TYPE,
  Json,
  type JsonPath,
  type JsonValue,
  jsonAt,
  jsonPathText,
  parseVirtualColumn,
  pathColumn,
  type Value,
  withVirtualColumns,
} from '../../model/index.js';
import { jsonKey, jsonValue } from '../../model/testing.js';
import { attachImmutable } from '../immutable/attach.js';
import { openSegment } from '../immutable/load.js';
import { partsOf } from '../immutable/parts.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import { sealSegments } from '../seal/seal-segments.js';
import { cellsOf, type PlainRow, rowsOf, schemaOf, testPool } from '../testing.js';
import type { Segment } from '../types.js';

const pools = [
  testPool(),
  new ArenaPool({ arenaBytes: 8 << 20, maxBytes: 1 << 30, scratchBytes: 1 }),
];
const schema = schemaOf({ j: JSON_TYPE });
const TYPES = { __time: 'LONG', j: JSON_TYPE } as const;

const rowsFrom = (values: readonly JsonValue[]): PlainRow[] =>
  values.map((value, i) => ({ __time: i, j: Json.of(value) }));

function mutableOf(batches: readonly (readonly PlainRow[])[]): Segment {
  const segment = new MutableSegment(schema, pools[batches.length % 2]!);
  for (const rows of batches) segment.append(rowsOf(rows, TYPES));
  return segment.snapshot();
}

let files = 0;

/** Sealed files, of which a column is loaded when it is asked for. */
interface SealedFile {
  readonly segment: Segment;
  /** With nothing in memory but what these columns need. */
  pinned(columns: readonly string[]): Segment;
}

function seal(
  disk: VirtualDisk,
  inputs: readonly Segment[],
  maxRowsPerSegment = 1000,
): SealedFile[] {
  const name = (i: number) => `${files++}-${i}.varve`;
  const sealed = sealSegments(disk, '/sealed', name, inputs, schema, { maxRowsPerSegment });
  return sealed.map(({ path }) => {
    const segment = openSegment(disk, path, pools[files % 2]!);
    const { handle } = segment;
    return {
      segment,
      pinned: (columns) => {
        const keys = partsOf(handle.directory, { columns }).map(({ key }) => key);
        const loaded = new Map(keys.map((key) => [key, handle.loaded.get(key)!]));
        return attachImmutable({ ...handle, loaded });
      },
    };
  });
}

const textsOf = (segments: readonly Segment[]): (string | null)[] =>
  segments.flatMap((segment) =>
    cellsOf(segment).map(([, json]) => (json === null ? null : (json as Json).text)),
  );

const EXPECTED_TYPES = ['STRING', 'LONG', 'DOUBLE', 'ARRAY<STRING>', 'ARRAY<LONG>'] as const;

/** What a query reads at the path. */
function valuesAt(segment: Segment, path: JsonPath, type: string): Value[] {
  const spec = {
    type: 'nested-field',
    columnName: 'j',
    outputName: 'v',
    path: jsonPathText(path),
    expectedType: type,
  };
  const cursor = segment.cursor();
  const reader = withVirtualColumns(cursor, [parseVirtualColumn(spec, 'v')]).column('v');
  return Array.from({ length: segment.rowCount }, (_, row) => {
    cursor.row = row;
    return reader.get();
  });
}

/** All places in a value, those of objects and lists too, and some that are not there. */
function placesIn(value: JsonValue, path: JsonPath = []): JsonPath[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Array.isArray(value)
    ? (value as JsonValue[]).flatMap((each, i) => placesIn(each, [...path, i]))
    : Object.entries(value).flatMap(([key, each]) => placesIn(each, [...path, key]));
  return [path, ...below, [...path, -1], [...path, 7], [...path, 'none']];
}

const documents = fc.array(jsonValue, { minLength: 1, maxLength: 12 });

test('documents come back as they went in, and what is at any path is what a naive walk finds', () => {
  fc.assert(
    fc.property(
      documents,
      fc.array(fc.oneof(jsonKey, fc.integer({ min: -2, max: 2 })), { maxLength: 3 }),
      fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
      fc.constantFrom(...EXPECTED_TYPES),
      fc.integer({ min: 1, max: 5 }),
      (values, odd, picks, type, maxRows) => {
        const disk = new VirtualDisk();
        const rows = rowsFrom(values);
        const middle = Math.ceil(rows.length / 2);
        const mutable = mutableOf([rows.slice(0, middle), rows.slice(middle)]);
        const sealed = seal(disk, [mutable]);
        const split = seal(disk, [mutable], maxRows);
        const merged = seal(
          disk,
          split.map(({ segment }) => segment),
        );
        const layouts = [sealed, split, merged].map((list) => list.map(({ segment }) => segment));
        const expected = values.map((value) => Json.of(value)?.text ?? null);
        for (const layout of [[mutable], ...layouts]) expect(textsOf(layout)).toEqual(expected);
        const places = values.flatMap((value) => placesIn(value));
        const paths = [odd, ...picks.map((pick) => places[pick % places.length]!)];
        for (const path of paths) {
          const found = values.map((value) =>
            castValue(Json.of(jsonAt(value, path)), JSON_TYPE, type),
          );
          expect(valuesAt(mutable, path, type)).toEqual(found);
          for (const files of [sealed, split, merged]) {
            const read = files.flatMap(({ pinned }) =>
              valuesAt(pinned([pathColumn('j', path)]), path, type),
            );
            expect(read).toEqual(found);
          }
        }
      },
    ),
    { numRuns: 50 },
  );
});

function sealedOf(values: readonly JsonValue[]): SealedFile {
  return seal(new VirtualDisk(), [mutableOf([rowsFrom(values)])])[0]!;
}

const columnsOf = ({ segment }: SealedFile): Record<string, string> => {
  const { directory } = (segment as ReturnType<typeof openSegment>).handle;
  return Object.fromEntries(
    directory.columns.flatMap(({ name, type, role, encoding }) =>
      role === 'path' ? [[name.slice(3), `${type} ${encoding}`]] : [],
    ),
  );
};

describe('columns of paths', () => {
  test('have the type that holds what is there', () => {
    const file = sealedOf([
      { l: 1, d: 1, s: 'a', b: true, m: 1, w: 2n ** 60n, ll: [1, null], e: [], o: { x: 1 } },
      { l: 2, d: 0.5, s: 'b', b: false, m: 'x', w: 0.5, ll: [2n ** 60n], e: [], o: [{ x: 'y' }] },
      { ld: [1, 0.5], ls: ['a', null], lm: [1, 'a'], lb: [true], o: [[1], 2], k: {} },
      5,
    ]);
    expect(columnsOf(file)).toEqual({
      $: 'LONG long.constant',
      '$.b': 'COMPLEX<json> json.dictionary',
      '$.d': 'DOUBLE double.raw',
      '$.e': 'ARRAY<STRING> array.list',
      '$.l': 'LONG long.delta',
      '$.lb': 'COMPLEX<json> json.dictionary',
      '$.ld': 'ARRAY<DOUBLE> array.list',
      '$.ll': 'ARRAY<LONG> array.list',
      '$.lm': 'COMPLEX<json> json.dictionary',
      '$.ls': 'ARRAY<STRING> array.list',
      '$.m': 'COMPLEX<json> json.dictionary',
      '$.o.x': 'LONG long.constant',
      '$.o[0]': 'ARRAY<LONG> array.list',
      '$.o[0].x': 'STRING string.dictionary',
      '$.o[1]': 'LONG long.constant',
      '$.s': 'STRING string.dictionary',
      '$.w': 'COMPLEX<json> json.dictionary',
    });
    expect(file.segment.columns.map(({ name }) => name)).toEqual(['__time', 'j']);
    expect(file.segment.scanColumn(pathColumn('j', ['l']))).toMatchObject({ layout: 'deltas' });
    expect(file.segment.scanColumn(pathColumn('j', ['m']))).toMatchObject({
      layout: 'ids',
      texts: null,
    });
    expect(file.segment.describe(pathColumn('j', ['s']))).toMatchObject({
      type: 'STRING',
      stats: { cardinality: 3, min: 'a', max: 'b' },
    });
    expect(file.segment.describe(pathColumn('j', ['x']))?.type).toBe(JSON_TYPE);
    expect(file.segment.describe(pathColumn('k', ['x']))).toBeNull();
  });

  test('only what a path needs is read', () => {
    const file = sealedOf([{ a: [1, 2], b: { c: 'x' }, n: [{ d: 1 }] }, { a: [3] }]);
    const { directory } = (file.segment as ReturnType<typeof openSegment>).handle;
    const pinned = (...path: JsonPath) =>
      partsOf(directory, { columns: [pathColumn('j', path)] }).map(({ column }) => column);
    const name = (...path: JsonPath) => pathColumn('j', path);
    expect(pinned('b', 'c')).toEqual(['__time', name('b', 'c')]);
    expect(pinned('a', 1)).toEqual(['__time', name('a')]);
    expect(pinned('a', -1)).toEqual(['__time', name('a')]);
    expect(pinned('n', 0, 'd')).toEqual(['__time', name('n', 0, 'd')]);
    expect(pinned('nothing')).toEqual(['__time']);
    expect(pinned('b')).toEqual(['__time']);
    // Whose place in its list only the whole value tells.
    expect(pinned('n', -1, 'd')).toEqual(['__time', 'j']);
  });

  test('are at most so many, and what lies at others is found in the documents', () => {
    const many = Array.from({ length: 300 }, (_, i) =>
      Object.fromEntries(Array.from({ length: 5 }, (_, k) => [`k${5 * i + k}`, i])),
    );
    const deep: JsonValue = { a: { ['x'.repeat(2000)]: 1, list: [{ y: [1, 2] }] } };
    const values: JsonValue[] = [...many, deep, { late: 'x', k0: 'now a text' }];
    const file = sealedOf(values);
    expect(Object.keys(columnsOf(file)).length).toBe(1000);
    const again = seal(new VirtualDisk(), [file.segment])[0]!;
    for (const path of [['k0'], ['k7'], ['k1499'], ['late'], ['a', 'x'.repeat(2000)], ['none']]) {
      const found = values.map((value) =>
        castValue(Json.of(jsonAt(value, path)), JSON_TYPE, 'STRING'),
      );
      for (const { pinned } of [file, again]) {
        expect(valuesAt(pinned([pathColumn('j', path)]), path, 'STRING')).toEqual(found);
      }
    }
    expect(valuesAt(file.segment, ['a', 'list', 0, 'y', 1], 'LONG').at(-2)).toBe(2);
  });
});

test('a segment where the column is of another type, or is not there, is read at the path too', () => {
  const texts = new MutableSegment(schemaOf({ j: 'STRING' }), pools[0]!);
  texts.append(rowsOf([{ __time: 0, j: '5' }], { __time: 'LONG', j: 'STRING' }));
  const longs = new MutableSegment(schemaOf({ j: 'LONG' }), pools[0]!);
  longs.append(rowsOf([{ __time: 1, j: 6 }], { __time: 'LONG', j: 'LONG' }));
  const lists = new MutableSegment(schemaOf({ j: 'ARRAY<LONG>' }), pools[0]!);
  lists.append(rowsOf([{ __time: 2, j: [7, 8] }], { __time: 'LONG', j: 'ARRAY<LONG>' }));
  const none = new MutableSegment(schemaOf({}), pools[0]!);
  none.append(rowsOf([{ __time: 3 }], { __time: 'LONG' }));
  const inputs = [texts, longs, lists, none].map((segment) => segment.snapshot());
  const at = (path: JsonPath) => inputs.flatMap((segment) => valuesAt(segment, path, 'LONG'));
  expect(at([])).toEqual([5, 6, null, null]);
  expect(at([1])).toEqual([null, null, 8, null]);
  expect(at(['a'])).toEqual([null, null, null, null]);
  const [merged] = seal(new VirtualDisk(), inputs);
  expect(textsOf([merged!.segment])).toEqual(['"5"', '6', '[7,8]', null]);
  expect(valuesAt(merged!.segment, [], 'LONG')).toEqual([5, 6, null, null]);
});

test('equal documents are rolled up, whose members have one order', () => {
  const rollup = schemaOf({ j: JSON_TYPE }, [{ type: 'count', name: 'n' }], { rollup: true });
  const values: JsonValue[] = [{ a: 1, b: [2] }, null, { a: 1, b: [2] }, { b: [2], a: 1 }, null, 3];
  const segment = new MutableSegment(rollup, pools[0]!);
  segment.append(
    rowsOf(
      values.map((value) => ({ __time: 0, j: Json.of(value) })),
      TYPES,
    ),
  );
  const inputs = [segment.snapshot()];
  const [sealed] = sealSegments(new VirtualDisk(), '/s', () => 'x', inputs, rollup, {
    maxRowsPerSegment: 10,
  });
  expect(sealed!.rowCount).toBe(4);
});
