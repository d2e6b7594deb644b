import { expect, test } from 'vitest';
import { type Aggregator, Json, type Value } from '../../model/index.js';
import { BatchReader } from './batch-reader.js';
import { overInputs } from './metric-input.js';
import { batchOf, type Fields, specOf, type TestSpec } from './testing.js';

const DAY = Date.UTC(2020, 0, 1);

/** The kept rows with their dimensions, and what each metric's first fold gives. */
function read(spec: TestSpec, rows: readonly Fields[], reader = new BatchReader(specOf(spec))) {
  const { cursor, kept, fates } = reader.read(batchOf(rows));
  const names = ['__time', ...reader.dimensions.map(({ name }) => name)];
  const columns = names.map((name) => cursor.column(name));
  const metrics = specOf(spec).metrics.map(overInputs);
  const folds = metrics.map((metric) => ({ metric, accumulator: metric.accumulator(cursor) }));
  const cells = Array.from(kept, (row): Value[] => {
    cursor.row = row;
    const states = folds.map(({ metric, accumulator }) =>
      metric.finalise(accumulator.fold(metric.initial())),
    );
    return [...columns.map((column) => column.get()), ...states];
  });
  return { cells, fates, types: columns.map(({ type }) => type), reader };
}

test.each<[unknown, number | null]>([
  ['1577836800000', DAY],
  [1577836800000, DAY],
  [1577836800000n, DAY],
  [1577836800000.9, DAY],
  ['2020-01-01', DAY],
  ['2020-01-01 00:00:00', DAY],
  ['2020-01-01T00:00:00+02:00', DAY - 7_200_000],
  [new Date(DAY), DAY],
  [new Date(Number.NaN), null],
  ['yesterday', null],
  ['', null],
  [null, null],
  [undefined, null],
  [true, null],
])('the time of %s is %s', (ts, timeMs) => {
  const { cells, fates } = read({}, [{ ts }]);
  expect(cells).toEqual(timeMs === null ? [] : [[timeMs]]);
  expect(fates.lost.size).toBe(timeMs === null ? 1 : 0);
});

test('missingValue stands in for a missing time, not for a bad one', () => {
  const { cells, fates } = read({ missingValue: '2020-01-01' }, [{}, { ts: 'x' }]);
  expect(cells).toEqual([[DAY]]);
  expect([...fates.lost.keys()]).toEqual([1]);
});

test('dimensions have their types, and misfits are nulls with a reason', () => {
  const { cells, fates, types } = read({ dimensions: { s: 'STRING', l: 'LONG', d: 'DOUBLE' } }, [
    { ts: 0, s: 7, l: '7.0', d: '1.5' },
    { ts: 0, s: ['b', 'a'], l: '1,234', d: 'x' },
    { ts: 0, s: { a: 1 }, l: [1] },
  ]);
  expect(types).toEqual(['LONG', 'STRING', 'LONG', 'DOUBLE']);
  expect(cells).toEqual([
    [0, '7', 7, 1.5],
    [0, ['b', 'a'], null, null],
    [0, '{"a":1}', null, null],
  ]);
  expect([...fates.errors]).toEqual([
    [
      1,
      [
        'could not convert value [1,234] of field [l] to a long',
        'could not convert value [x] of field [d] to a double',
      ],
    ],
    [2, ['could not convert value [[1]] of field [l] to a long']],
  ]);
});

test('transforms see raw fields and the time, never each other, and hide fields of their name', () => {
  const { cells } = read(
    {
      dimensions: { a: 'STRING', b: 'STRING', day: 'LONG' },
      transforms: { a: "concat(a, '1')", b: "concat(a, '2')", day: '__time / 86400000' },
    },
    [{ ts: DAY, a: 'x' }],
  );
  expect(cells).toEqual([[DAY, 'x1', 'x2', DAY / 86_400_000]]);
});

test('a transform works by the types of each row, whatever else is in the batch', () => {
  const { cells } = read({ dimensions: { h: 'STRING' }, transforms: { h: 'x / 2' } }, [
    { ts: 0, x: 7 },
    { ts: 0, x: 7.5 },
    { ts: 0, x: '7' },
    { ts: 0, x: null },
  ]);
  expect(cells.map(([, h]) => h)).toEqual(['3', '3.75', '3.5', null]);
});

test('a transform may redefine the time', () => {
  const { cells, fates } = read({ transforms: { __time: 'ms' } }, [
    { ts: 0, ms: 5 },
    { ts: 0, ms: null },
    { ts: 'x', ms: 5 },
  ]);
  expect(cells).toEqual([[5]]);
  expect([...fates.lost.keys()].sort()).toEqual([1, 2]);
});

test('the filter sees transforms; what fails it is thrown away and not blamed', () => {
  const filter = { type: 'selector', dimension: 'bot', value: 'false' };
  const { cells, fates } = read(
    { dimensions: { l: 'LONG' }, transforms: { bot: "if(n > 1, 'true', 'false')" }, filter },
    [
      { ts: 0, n: 1, l: 1 },
      { ts: 0, n: 2, l: 'x' },
    ],
  );
  expect(cells).toEqual([[0, 1]]);
  expect([fates.thrownAway, fates.lost.size, fates.errors.size]).toEqual([1, 0, 0]);
});

test('booleans filter as text', () => {
  const filter = { type: 'selector', dimension: 'bot', value: 'false' };
  expect(
    read({ filter }, [
      { ts: 0, bot: false },
      { ts: 1, bot: true },
    ]).cells,
  ).toEqual([[0]]);
});

test('intervals hold their start and not their end', () => {
  const intervals = [
    { startMs: 0, endMs: 10 },
    { startMs: 20, endMs: 30 },
  ];
  const { cells, fates } = read(
    { intervals },
    [-1, 0, 9, 10, 20, 30].map((ts) => ({ ts })),
  );
  expect(cells).toEqual([[0], [9], [20]]);
  expect(fates.thrownAway).toBe(3);
});

test('metrics read fields as they came, numeric ones as numbers', () => {
  const metrics = [
    { type: 'longSum', name: 'sum', fieldName: 'x' },
    { type: 'stringLast', name: 'last', fieldName: 'x' },
    {
      type: 'filtered',
      filter: { type: 'selector', dimension: 'k', value: '1,5' },
      aggregator: { type: 'doubleSum', name: 'some', fieldName: 'x' },
    },
    { type: 'longMax', name: 'both', expression: 'y + 1' },
  ];
  const { cells, fates } = read({ dimensions: { x: 'LONG' }, metrics }, [
    { ts: 0, x: '1,234', k: '1,5', y: 1 },
    { ts: 0, x: 'none', k: 'b', y: 2 },
    { ts: 0, x: 7.9, k: '1,5', y: null },
  ]);
  expect(cells).toEqual([
    [0, null, 1234, '1,234', 1234, 2],
    [0, null, null, 'none', null, 3],
    [0, 7, 7, '7.9', 7.9, null],
  ]);
  expect([...fates.errors.keys()]).toEqual([0, 1]);
});

test('sketches count texts, whatever a batch holds', () => {
  const metrics = [
    { type: 'hyperUnique', name: 'u', fieldName: 'x' },
    { type: 'cardinality', name: 'c', fields: ['x'] },
  ];
  const batches: Fields[][] = [
    [{ ts: 0, x: 5 }],
    [
      { ts: 0, x: '5' },
      { ts: 0, x: 'b' },
    ],
    [
      { ts: 0, x: 5 },
      { ts: 0, x: 0.5 },
    ],
    [{ ts: 0, x: ['5', 'b'] }],
    [{ ts: 0, x: 5n }],
  ];
  for (const metric of specOf({ metrics }).metrics.map(overInputs)) {
    expect(Math.round(Number(finalOverBatches(metric, metrics, batches)))).toBe(3);
  }
});

function finalOverBatches(
  metric: Aggregator,
  metrics: readonly object[],
  batches: readonly Fields[][],
): Value {
  const state = batches.reduce((merged, rows) => {
    const { cursor, kept } = new BatchReader(specOf({ metrics })).read(batchOf(rows));
    const accumulator = metric.accumulator(cursor);
    return kept.reduce((folded, row) => {
      cursor.row = row;
      return accumulator.fold(folded);
    }, merged);
  }, metric.initial());
  return metric.finalise(state);
}

test('sketches of DataSketches count each value as what it is, whatever a batch holds', () => {
  const metrics = [
    { type: 'thetaSketch', name: 't', fieldName: 'x' },
    { type: 'HLLSketchBuild', name: 'h', fieldName: 'x' },
    {
      type: 'filtered',
      aggregator: { type: 'thetaSketch', name: 'f', fieldName: 'x' },
      filter: { type: 'true' },
    },
  ];
  const batches: Fields[][] = [
    [{ ts: 0, x: 5 }],
    [
      { ts: 0, x: '5' },
      { ts: 0, x: 5 },
    ],
    [{ ts: 0, x: ['b', 5, ''] }],
    [
      { ts: 0, x: 0.5 },
      { ts: 0, x: 5n },
    ],
  ];
  for (const metric of specOf({ metrics }).metrics.map(overInputs)) {
    expect(Math.round(Number(finalOverBatches(metric, metrics, batches)))).toBe(4);
  }
});

test('times are texts or milliseconds, whatever a batch holds', () => {
  const inner = { type: 'timeMin', name: 't', fieldName: 'x' };
  const filtered = { ...inner, name: 'f' };
  const metrics = [inner, { type: 'filtered', filter: { type: 'true' }, aggregator: filtered }];
  const batches: Fields[][] = [
    [{ ts: 0, x: '2024-01-02' }],
    [
      { ts: 0, x: 'never' },
      { ts: 0, x: 1_704_067_200_000 },
    ],
    [{ ts: 0, x: 1_704_067_200_001 }],
  ];
  for (const metric of specOf({ metrics }).metrics.map(overInputs)) {
    expect(finalOverBatches(metric, metrics, batches)).toBe('2024-01-01T00:00:00.000Z');
  }
});

test('texts of sketches are merged; those that are none are null, and blamed', () => {
  const one = 'AQMDAAA6zJOtUERPCPPxYw==';
  const metrics = [
    { type: 'thetaSketch', name: 't', fieldName: 'x', isInputThetaSketch: true },
    { type: 'hyperUnique', name: 'u', fieldName: 'x', isInputHyperUnique: true },
    { type: 'HLLSketchMerge', name: 'h', fieldName: 'y' },
  ];
  const { cells, fates } = read({ metrics }, [
    { ts: 0, x: one },
    { ts: 0, x: 'no sketch', y: one },
    { ts: 0, x: 7 },
    { ts: 0, x: '' },
  ]);
  expect(cells.map((row) => row.slice(1))).toEqual([
    [1, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]);
  expect([0, 1, 2, 3].map((row) => [row, fates.errors.get(row)?.length ?? 0])).toEqual([
    [0, 1],
    [1, 3],
    [2, 2],
    [3, 0],
  ]);
  expect(fates.errors.get(2)).toContain(
    'could not convert value [7] of field [x] to a thetaSketch',
  );
});

test('numbers and texts of sketches go into one sketch; texts that are neither are null, and blamed', () => {
  const two = 'AgMIGIAAAAACAAAAAAAAAAAAAAAAACRAAAAAAAAANEAAAAAAAAAkQAAAAAAAADRA';
  const metrics = [{ type: 'quantilesDoublesSketch', name: 'q', fieldName: 'x' }];
  const { cells, fates } = read({ metrics }, [
    { ts: 0, x: two },
    { ts: 0, x: Buffer.from(two, 'base64') },
    { ts: 0, x: '1.5' },
    { ts: 0, x: [1, 2n, 3] },
    { ts: 0, x: '' },
    { ts: 0, x: 'neither' },
    { ts: 0, x: Buffer.from([1, 2]) },
  ]);
  expect(cells.map((row) => row[1])).toEqual([2, 2, 1, 3, 0, 0, 0]);
  expect([...fates.errors.keys()]).toEqual([5, 6]);
  expect(fates.errors.get(5)).toEqual([
    'could not convert value [neither] of field [x] to a number or a quantilesDoublesSketch',
  ]);
});

test('Spectator histograms come as numbers, as JSON of counts by bucket, and as texts of that or of bytes', () => {
  const metrics = [{ type: 'spectatorHistogram', name: 'h', fieldName: 'x' }];
  const { cells, fates } = read({ metrics }, [
    { ts: 0, x: 5 },
    { ts: 0, x: { 4: 8, 10: 1 } },
    { ts: 0, x: '{"4": 2}' },
    { ts: 0, x: 'BgoGEQ4TChU=' },
    { ts: 0, x: null },
    { ts: 0, x: { 276: 1 } },
    { ts: 0, x: '{"4": -1}' },
  ]);
  expect(cells.map((row) => row[1])).toEqual([1, 9, 2, 7, 0, 0, 0]);
  expect([...fates.errors.keys()]).toEqual([5, 6]);
});

test('discovery takes fields in order of appearance, each once, and widens them', () => {
  const spec: TestSpec = { dimensions: { first: 'LONG' }, discover: 'typed', excluded: ['out'] };
  const { reader } = read(spec, [
    { ts: 0, a: null, l: 1, out: 1, nested: { x: 1 }, deep: [[1]], first: 'x', d: 0.5 },
    { ts: 'x', lost: 1 },
  ]);
  const { cells } = read(spec, [{ ts: 0, a: ['x', 'y'], l: 'text', b: true, lost: 'z' }], reader);
  expect(reader.dimensions.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'first LONG',
    'l COMPLEX<json>',
    'nested COMPLEX<json>',
    'deep COMPLEX<json>',
    'd DOUBLE',
    'a ARRAY<STRING>',
    'b STRING',
    'lost STRING',
  ]);
  const text = Json.of('text');
  expect(cells).toEqual([[0, null, text, null, null, null, ['x', 'y'], 'true', 'z']]);
});

test('discovery of strings', () => {
  const record = { ts: 0, l: 1, nested: { x: 1 }, deep: [[1]], d: 0.5 };
  const { cells, reader } = read({ discover: 'strings' }, [record]);
  expect(reader.dimensions.map(({ name, type }) => [name, type])).toEqual([
    ['l', 'STRING'],
    ['d', 'STRING'],
  ]);
  expect(cells).toEqual([[0, '1', '0.5']]);
});
