import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ArenaPool, LONG_MAX, LONG_MIN, toLong, VirtualDisk } from '../core/index.js';
import type { ArrayType, Scalar, Value } from '../model/index.js';
import { openSegment } from './immutable/load.js';
import { compareLists, type ListCell } from './lists.js';
import { MutableSegment } from './mutable/mutable-segment.js';
import { sealSegments } from './seal/seal-segments.js';
import { cellsOf, inputTypes, type PlainRow, rowsOf, schemaOf, testPool } from './testing.js';
import type { Segment } from './types.js';

const pools = [
  testPool(),
  new ArenaPool({ arenaBytes: 8 << 20, maxBytes: 1 << 30, scratchBytes: 1 }),
];
const arrays = { s: 'ARRAY<STRING>', l: 'ARRAY<LONG>', d: 'ARRAY<DOUBLE>' } as const;
const schema = schemaOf(arrays);
const types = inputTypes(schema);

const listOf = (element: fc.Arbitrary<Scalar>) =>
  fc.option(fc.array(fc.option(element), { maxLength: 3 }));
const anyRow: fc.Arbitrary<PlainRow> = fc.record({
  __time: fc.integer({ min: -2, max: 2 }),
  s: listOf(fc.oneof(fc.constantFrom('a', '', 'é'), fc.string({ maxLength: 2 }))),
  l: listOf(
    fc.oneof(fc.integer(), fc.bigInt({ min: LONG_MIN, max: LONG_MAX }).map(toLong), fc.nat(1)),
  ),
  d: listOf(fc.oneof(fc.constantFrom(0, -0, Number.NaN), fc.double())),
});

const cellsOfRow = ({ __time, s, l, d }: PlainRow): Value[] => [__time!, s!, l!, d!];

/** The stored order, straight from its definition. */
function compareRows(a: readonly Value[], b: readonly Value[]): number {
  let order = (a[0] as number) - (b[0] as number);
  for (const [i, type] of Object.values<ArrayType>(arrays).entries()) {
    order ||= compareLists(type)(a[i + 1] as ListCell, b[i + 1] as ListCell);
  }
  return order;
}

function mutableOf(batches: readonly (readonly PlainRow[])[], settings = schema): Segment {
  const segment = new MutableSegment(settings, pools[batches.length % 2]!);
  for (const rows of batches) segment.append(rowsOf(rows, types));
  return segment.snapshot();
}

let files = 0;

function seal(
  disk: VirtualDisk,
  inputs: readonly Segment[],
  maxRowsPerSegment = 1000,
  settings = schema,
): Segment[] {
  const name = (i: number) => `${files++}-${i}.varve`;
  const sealed = sealSegments(disk, '/sealed', name, inputs, settings, { maxRowsPerSegment });
  return sealed.map(({ path }) => openSegment(disk, path, pools[files % 2]!));
}

const allCells = (segments: readonly Segment[]): Value[][] => segments.flatMap(cellsOf);

test('arrays come back as they went in: mutable, sealed, split and merged', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(anyRow, { maxLength: 12 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 9 }),
      (batches, maxRows) => {
        const disk = new VirtualDisk();
        const expected = batches.flat().map(cellsOfRow);
        const mutable = mutableOf(batches);
        expect(cellsOf(mutable)).toEqual(expected);
        expected.sort(compareRows);
        expect(allCells(seal(disk, [mutable]))).toEqual(expected);
        const split = seal(disk, [mutable], maxRows);
        expect(allCells(split)).toEqual(expected);
        const each = batches.flatMap((rows) => seal(disk, [mutableOf([rows])]));
        expect(allCells(seal(disk, [...each, ...split]))).toEqual(
          [...expected, ...expected].sort(compareRows),
        );
      },
    ),
    { numRuns: 25 },
  );
});

test('rollup combines rows whose arrays are equal', () => {
  const rollup = schemaOf(arrays, [{ type: 'count', name: 'n' }], { rollup: true });
  fc.assert(
    fc.property(
      fc.array(fc.array(anyRow, { maxLength: 10 }), { minLength: 1, maxLength: 3 }),
      (batches) => {
        const rows = batches.flat().map(cellsOfRow).sort(compareRows);
        const expected: Value[][] = [];
        for (const row of rows) {
          const last = expected.at(-1);
          if (last !== undefined && compareRows(last, row) === 0) (last[4] as number) += 1;
          else expected.push([...row, 1]);
        }
        const inputs = batches.map((batch) => mutableOf([batch], rollup));
        expect(allCells(seal(new VirtualDisk(), inputs, 1000, rollup))).toEqual(expected);
      },
    ),
  );
});

test('a column of another type, or none, is cast when segments are merged', () => {
  const rows: PlainRow[] = [
    { __time: 0, x: '7' },
    { __time: 1, x: null },
  ];
  const texts = new MutableSegment(schemaOf({ x: 'STRING' }), pools[0]!);
  texts.append(rowsOf(rows, { __time: 'LONG', x: 'STRING' }));
  const lists = new MutableSegment(schemaOf({ x: 'ARRAY<DOUBLE>' }), pools[0]!);
  lists.append(rowsOf([{ __time: 2, x: [1.5, null] }], { __time: 'LONG', x: 'ARRAY<DOUBLE>' }));
  const none = new MutableSegment(schemaOf({}), pools[0]!);
  none.append(rowsOf([{ __time: 3 }], { __time: 'LONG' }));
  const inputs = [texts, lists, none].map((segment) => segment.snapshot());
  const as = (type: ArrayType) =>
    allCells(seal(new VirtualDisk(), inputs, 1000, schemaOf({ x: type }))).map(([, x]) => x);
  expect(as('ARRAY<LONG>')).toEqual([[7], null, [1, null], null]);
  expect(as('ARRAY<STRING>')).toEqual([['7'], null, ['1.5', null], null]);
});
