import { expect, test } from 'vitest';
import { pathColumn } from '../../model/index.js';
import type { SegmentInspection } from '../../segments/index.js';
import { inspectionText } from './inspect.js';

const INSPECTION: SegmentInspection = {
  form: 'segment',
  formatVersion: 2,
  rowCount: 1000,
  minTimeMs: 0,
  maxTimeMs: 86_399_000,
  rollup: true,
  queryGranularity: 'minute',
  sizeBytes: 9000,
  packedBytes: 1234,
  isVerified: true,
  columns: [
    {
      name: '__time',
      type: 'LONG',
      role: 'time',
      multiValue: false,
      encoding: 'long.delta',
      parameters: { base: '0', width: 2, unit: 60_000 },
      cardinality: null,
      min: 0,
      max: 86_399_000,
      hasNulls: false,
      sizeBytes: 2000,
      packedBytes: 34,
      runnerUp: { encoding: 'long.raw', sizeBytes: 8000 },
      indexes: [],
    },
    {
      name: 'tags',
      type: 'STRING',
      role: 'dimension',
      multiValue: true,
      encoding: 'string.list',
      parameters: {},
      cardinality: 12,
      min: 'a',
      max: 'z',
      hasNulls: true,
      sizeBytes: 1500,
      packedBytes: 700,
      runnerUp: null,
      indexes: [
        { kind: 'bitmap', sizeBytes: 300, packedBytes: 0 },
        { kind: 'bloom', sizeBytes: 64, packedBytes: 60 },
      ],
    },
  ],
  trees: [],
};

test('a line for each column, behind the facts of the file', () => {
  expect(inspectionText(INSPECTION).split('\n')).toEqual([
    'form       segment file, format version 2',
    'rows       1000, rolled up',
    'times      1970-01-01T00:00:00.000Z to 1970-01-01T23:59:59.000Z',
    'size       9000 bytes, 9 a row',
    'packed     1234 bytes, 1.234 a row',
    'checksums  all verified',
    '',
    'column │ type          │ encoding    │ cardinality │ bytes │ per row │ packed │ per row │ instead of    │ indexes',
    '───────┼───────────────┼─────────────┼─────────────┼───────┼─────────┼────────┼─────────┼───────────────┼──────────────────────────────',
    '__time │ LONG          │ long.delta  │        null │  2000 │       2 │     34 │   0.034 │ long.raw 8000 │',
    'tags   │ STRING, lists │ string.list │          12 │  1500 │     1.5 │    700 │     0.7 │               │ bitmap 300 (0), bloom 64 (60)',
  ]);
});

test('a line for each star-tree behind them', () => {
  const trees = [
    {
      dimensions: [
        { name: 'tags', skipStar: false, cardinality: 12 },
        { name: '__time', granularity: 'hour', skipStar: true, cardinality: 24 },
      ],
      metrics: [{ name: 'count', aggregator: { type: 'count', name: 'count' } }],
      maxLeafRecords: 100,
      recordCount: 301,
      nodeCount: 40,
      sizeBytes: 2250,
      share: 0.25,
      packedBytes: 500,
    },
  ];
  expect(
    inspectionText({ ...INSPECTION, trees })
      .split('\n')
      .slice(-4),
  ).toEqual([
    '',
    'star-tree │ dimensions                                  │ metrics │ most in a leaf │ records │ nodes │ bytes │ of the file │ packed',
    '──────────┼─────────────────────────────────────────────┼─────────┼────────────────┼─────────┼───────┼───────┼─────────────┼───────',
    '        0 │ tags (12), __time by hour (24), always read │ count   │            100 │     301 │    40 │  2250 │ 25.0 %      │    500',
  ]);
});

test('what was not measured is not told', () => {
  const text = inspectionText({ ...INSPECTION, packedBytes: null, isVerified: false });
  expect(text).toContain('packed     not measured\nchecksums  those of the directory verified');
});

test('what lies at a path of a column has a name that people can read', () => {
  const name = pathColumn('event', ['a', 0]);
  const columns = INSPECTION.columns.map((column) => ({ ...column, name }));
  expect(inspectionText({ ...INSPECTION, columns })).toContain('event $.a[0] │');
});
