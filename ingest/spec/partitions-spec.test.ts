import { expect, test } from 'vitest';
import { UserError } from '../../core/index.js';
import { readTuning } from './tuning.js';

const hashed = { type: 'hashed', dimensions: [], numShards: null, targetRows: 5_000_000 };
const range = { type: 'range', dimensions: ['a', 'b'], boundaries: null };

test.each([
  [{}, null],
  [{ partitionsSpec: { type: 'dynamic' }, forceGuaranteedRollup: true }, null],
  [{ forceGuaranteedRollup: true }, hashed],
  [
    { forceGuaranteedRollup: 'true', numShards: 2 },
    { ...hashed, numShards: 2 },
  ],
  [
    { forceGuaranteedRollup: true, numShards: 2, partitionDimensions: ['a'] },
    { ...hashed, numShards: 2, dimensions: ['a'] },
  ],
  [{ partitionsSpec: { type: 'hashed', targetRowsPerSegment: 20 } }, { ...hashed, targetRows: 20 }],
  [
    { partitionsSpec: { type: 'hashed', targetRowsPerSegment: -1, numShards: '3' } },
    { ...hashed, numShards: 3 },
  ],
  [
    {
      partitionsSpec: { type: 'hashed', numShards: 3, partitionFunction: 'murmur3_32_abs' },
      maxRowsPerSegment: 7,
    },
    { ...hashed, numShards: 3 },
  ],
  [
    { partitionsSpec: { type: 'range', partitionDimensions: ['a', 'b'], targetRowsPerSegment: 5 } },
    { ...range, targetRows: 5, maxRows: 8 },
  ],
  [
    { partitionsSpec: { type: 'range', partitionDimensions: ['a', 'b'], maxRowsPerSegment: '30' } },
    { ...range, targetRows: 20, maxRows: 30 },
  ],
  [
    { partitionsSpec: { type: 'single_dim', partitionDimension: 'a', targetRowsPerSegment: 4 } },
    { ...range, type: 'single', dimensions: ['a'], targetRows: 4, maxRows: 6 },
  ],
])('the tuningConfig %j', (tuning, partitioning) => {
  expect(readTuning(tuning, 'tuningConfig', false).partitioning).toEqual(partitioning);
});

test.each([
  [{ type: 'round' }, 'type', '"round"', 'dynamic, hashed, single_dim, range'],
  [{ type: 'hashed', numShards: 2, targetRowsPerSegment: 3 }, 'numShards', '2 and 3'],
  [{ type: 'hashed', numShards: 'two' }, 'numShards', '"two"'],
  [{ type: 'hashed', partitionFunction: 'crc' }, 'partitionFunction', '"crc"', 'murmur3_32_abs'],
  [{ type: 'range', targetRowsPerSegment: 5 }, 'partitionDimensions', 'got none'],
  [{ type: 'range', partitionDimensions: 'a' }, 'partitionDimensions', 'list', '"a"'],
  [{ type: 'range', partitionDimensions: ['a'] }, 'targetRowsPerSegment', 'nothing and nothing'],
  [
    {
      type: 'range',
      partitionDimensions: ['a'],
      targetRowsPerSegment: 5,
      maxRowsPerSegment: 6,
    },
    'targetRowsPerSegment',
    '5 and 6',
  ],
  [{ type: 'single_dim', targetRowsPerSegment: 5 }, 'partitionDimension', 'nothing'],
])('%j is refused', (partitionsSpec, field, ...parts) => {
  const read = () => readTuning({ partitionsSpec }, 'tuningConfig', false);
  expect(read).toThrow(UserError);
  for (const part of [`tuningConfig.partitionsSpec.${field}`, ...parts]) {
    expect(read).toThrow(part);
  }
});
