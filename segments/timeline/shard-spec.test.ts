import { expect, test } from 'vitest';
import { coreCount, type ShardBucket, shardSpecOf } from './shard-spec.js';

const buckets: readonly (ShardBucket | undefined)[] = [
  undefined,
  {
    type: 'hashed',
    bucketId: 1,
    numBuckets: 3,
    partitionDimensions: ['page'],
    partitionFunction: 'murmur3_32_abs',
  },
  { type: 'single', dimension: 'page', start: null, end: 'm' },
  { type: 'range', dimensions: ['country', 'page'], start: null, end: ['de', 'm'] },
  { type: 'tombstone' },
];

test.each(buckets)('the core count of any shard spec is what it was made with: %j', (bucket) => {
  const spec = shardSpecOf(bucket, 4, 7);
  expect(coreCount(spec)).toBe(7);
  expect(spec).toMatchObject({ type: 'numbered', ...bucket, partitionNum: 4 });
});
