import { describe, expect, test } from 'vitest';
import { type JsonObject, UserError } from '../../core/index.js';
import { type TestColumn, TestRows } from '../testing.js';
import type { Value } from '../types.js';
import { parseDimension } from './registry.js';

/** The values of a dimension over one column `x`. */
function values(
  spec: unknown,
  column: TestColumn,
  cells: readonly Value[],
): { type: string; multiValue: boolean; values: Value[] } {
  const rows = new TestRows(
    { x: column },
    cells.map((x) => ({ x })),
  );
  const reader = parseDimension(spec, 'dimension').reader(rows);
  return { type: reader.type, multiValue: reader.multiValue, values: rows.map(() => reader.get()) };
}

const STRING: TestColumn = { type: 'STRING' };
const MULTI: TestColumn = { type: 'STRING', multiValue: true };
const LONG: TestColumn = { type: 'LONG' };
const ARRAY: TestColumn = { type: 'ARRAY<LONG>' };
const x = { type: 'default', dimension: 'x' };
const listed = { type: 'listFiltered', delegate: x, values: ['a', 'b'] };

describe('values', () => {
  test.each([
    { spec: 'x', column: STRING, cells: ['a', null], expected: ['a', null] },
    { spec: 'x', column: LONG, cells: [5, null], expected: ['5', null] },
    { spec: 'x', column: { type: 'DOUBLE' } as const, cells: [5, 0.1], expected: ['5.0', '0.1'] },
    { spec: { ...x, outputType: 'LONG' }, column: LONG, cells: [5, null], expected: [5, null] },
    { spec: { ...x, outputType: 'long' }, column: STRING, cells: ['5', 'q'], expected: [5, null] },
    {
      spec: { ...x, outputType: 'DOUBLE' },
      column: MULTI,
      cells: [['1', '2']],
      expected: [[1, 2]],
    },
    { spec: 'x', column: MULTI, cells: [['a', 'b'], 'c'], expected: [['a', 'b'], 'c'] },
    { spec: { dimension: 'x' }, column: STRING, cells: ['a'], expected: ['a'] },
    { spec: 'gone', column: STRING, cells: ['a'], expected: [null] },
    { spec: 'x', column: { type: 'COMPLEX<hyperUnique>' } as const, cells: [{}], expected: [null] },
    {
      spec: { ...x, type: 'extraction', extractionFn: { type: 'upper' } },
      column: MULTI,
      cells: [['a', null], 'b', null],
      expected: [['A', null], 'B', null],
    },
    {
      spec: { ...x, type: 'extraction', extractionFn: { type: 'strlen' }, outputType: 'LONG' },
      column: LONG,
      cells: [123],
      expected: [3],
    },
    {
      spec: { ...x, outputType: 'ARRAY<STRING>' },
      column: MULTI,
      cells: [['a', 'b'], 'c', null],
      expected: [['a', 'b'], ['c'], null],
    },
    { spec: 'x', column: ARRAY, cells: [[1, null], [], null], expected: [['1', null], [], null] },
    {
      spec: listed,
      column: MULTI,
      cells: [
        ['a', 'c', 'b'],
        ['a', 'c'],
      ],
      expected: [['a', 'b'], 'a'],
    },
    { spec: listed, column: MULTI, cells: [['c', 'd'], null], expected: [[], []] },
    {
      spec: { ...listed, isWhitelist: false },
      column: MULTI,
      cells: [['a', 'c'], null, 'b'],
      expected: ['c', null, []],
    },
    {
      spec: { type: 'regexFiltered', delegate: 'x', pattern: 'a.' },
      column: MULTI,
      cells: [['ab', 'abc', 'a']],
      expected: ['ab'],
    },
    {
      spec: { type: 'prefixFiltered', delegate: 'x', prefix: 'ab' },
      column: MULTI,
      cells: [['ab', 'abc', 'a']],
      expected: [['ab', 'abc']],
    },
    {
      spec: {
        type: 'listFiltered',
        delegate: { ...x, outputType: 'LONG' },
        values: ['120000'],
      },
      column: STRING,
      cells: ['120000', '140000'],
      expected: [120000, []],
    },
    {
      spec: {
        type: 'lookup',
        dimension: 'x',
        lookup: { type: 'map', map: { a: 'A' } },
        retainMissingValue: true,
      },
      column: STRING,
      cells: ['a', 'b'],
      expected: ['A', 'b'],
    },
  ])('$spec of $cells', ({ spec, column, cells, expected }) => {
    expect(values(spec, column, cells).values).toEqual(expected);
    expect(values(spec, { ...column, dictionary: true }, cells).values).toEqual(expected);
  });

  test('types and shapes', () => {
    expect(values('x', ARRAY, [])).toMatchObject({ type: 'STRING', multiValue: true });
    expect(values(listed, STRING, [])).toMatchObject({ type: 'STRING', multiValue: true });
    expect(values({ ...x, outputType: 'ARRAY<STRING>' }, MULTI, [])).toMatchObject({
      type: 'ARRAY<STRING>',
      multiValue: false,
    });
    expect(parseDimension({ ...x, outputName: 'y' }, 'd')).toMatchObject({
      outputName: 'y',
      outputType: 'STRING',
      inputs: ['x'],
    });
  });
});

test('over a dictionary: the same ids, each with its value, worked out once', () => {
  const spec = { ...x, type: 'extraction', extractionFn: { type: 'upper' } };
  const cells = ['a', 'A', null, 'a', ['a', 'b'], ['a', 'b']];
  const column = { type: 'STRING', multiValue: true, dictionary: true } as const;
  const rows = new TestRows(
    { x: column },
    cells.map((one) => ({ x: one })),
  );
  const reader = parseDimension(spec, 'dimension').reader(rows);
  const dictionary = reader.dictionary!;
  expect(dictionary.size).toBe(4);
  expect(rows.map(() => dictionary.id())).toEqual([0, 1, 2, 0, 3, 3]);
  const lists = rows.map(() => dictionary.value(dictionary.id())).slice(4);
  expect(lists[0]).toEqual(['A', 'B']);
  expect(lists[1]).toBe(lists[0]);
});

describe('bad dimensions say what is wrong', () => {
  test.each<{ spec: unknown; message: string }>([
    { spec: { type: 'default' }, message: 'dims[0].dimension: must be given' },
    { spec: { type: 'nope' }, message: "dims[0]: Could not resolve type id 'nope'" },
    { spec: 5, message: 'dims[0]: want an object with a "type"; got 5' },
    { spec: { ...x, outputType: 'INT' }, message: 'dims[0].outputType: want one of STRING, LONG' },
    { spec: { ...listed, values: [] }, message: 'dims[0].values: must not be empty' },
    { spec: { ...listed, delegate: { type: 'default' } }, message: 'dims[0].delegate.dimension' },
    { spec: { ...x, type: 'extraction' }, message: 'dims[0].extractionFn: want an object' },
  ])('$spec', ({ spec, message }) => {
    expect(() => parseDimension(spec, 'dims[0]')).toThrow(UserError);
    expect(() => parseDimension(spec, 'dims[0]')).toThrow(message);
  });

  test('a registered lookup is for queries only', () => {
    const spec: JsonObject = { type: 'lookup', dimension: 'x', name: 'countries' };
    expect(() => parseDimension(spec, 'd')).toThrow('d.lookup: lookup [countries]');
  });
});
