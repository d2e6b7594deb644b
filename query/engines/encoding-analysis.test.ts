import { expect, test } from 'vitest';
import type { ColumnDescription } from '../../segments/index.js';
import { encodingOf, mergeEncodings } from './encoding-analysis.js';

const column: ColumnDescription = {
  name: 'x',
  type: 'LONG',
  multiValue: false,
  role: 'dimension',
  stats: { cardinality: 3, min: -5, max: 2n ** 60n, hasNulls: false, sizeBytes: 100 },
  storage: {
    encoding: 'long.dictionary',
    parameters: { size: 3 },
    runnerUp: { encoding: 'long.raw', sizeBytes: 800 },
    indexes: [{ kind: 'range', sizeBytes: 7 }],
  },
};
const other: ColumnDescription = {
  ...column,
  stats: { cardinality: 1, min: 7, max: 7, hasNulls: true, sizeBytes: 10 },
  storage: {
    encoding: 'long.constant',
    parameters: { value: '7' },
    runnerUp: { encoding: 'long.delta', sizeBytes: 90 },
    indexes: [
      { kind: 'bloom', sizeBytes: 2 },
      { kind: 'range', sizeBytes: 1 },
    ],
  },
};

test('bytes are added up, bounds reach over both', () => {
  expect(mergeEncodings(encodingOf(column), encodingOf(other))).toEqual({
    type: 'LONG',
    encodings: ['long.constant', 'long.dictionary'],
    bytes: 110,
    runnersUp: ['long.delta', 'long.raw'],
    runnerUpBytes: 890,
    cardinality: 3,
    min: -5,
    max: 2n ** 60n,
    hasNulls: true,
    indexes: { bloom: 2, range: 8 },
  });
});

test('what one does not know, both together do not', () => {
  const { storage: _, ...unstored } = column;
  const nothing = { cardinality: null, min: null, max: null, hasNulls: true, sizeBytes: 1 };
  const unknown = encodingOf({ ...unstored, stats: nothing });
  expect(mergeEncodings(unknown, encodingOf(column))).toMatchObject({
    encodings: ['long.dictionary'],
    bytes: 101,
    runnerUpBytes: null,
    cardinality: null,
    min: -5,
    max: 2n ** 60n,
  });
});
