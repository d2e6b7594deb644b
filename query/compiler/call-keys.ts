import type { Long } from '../../core/index.js';
import type { Value } from '../../model/index.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { CallKey, RowRuns } from './row-runs.js';

/**
 * How the key of a group says of which call it is.
 *
 *     values    the start of the time bucket, where there are buckets, then the value of each part that
 *               depends on time alone: a word each. Means the same in every job.
 *     ordinal   one word, the position among the calls of this job, where some value is no LONG
 */
export interface CallKeys {
  readonly kind: 'values' | 'ordinal';
  readonly hasBuckets: boolean;
  readonly wordCount: number;
}

/** Of a plan of which so many dimensions depend on time alone. */
export function callKeysOf(plan: GroupPlan, parts: number, { calls }: RowRuns): CallKeys {
  const hasBuckets = plan.granularity.kind !== 'all';
  if (calls.every(({ values }) => values.every(isLong))) {
    const wordCount = (hasBuckets ? 1 : 0) + parts;
    return { kind: 'values', hasBuckets, wordCount };
  }
  return { kind: 'ordinal', hasBuckets, wordCount: 1 };
}

/** A call's words. */
export function callWords({ kind, hasBuckets }: CallKeys, key: CallKey, call: number): bigint[] {
  if (kind === 'ordinal') return [BigInt(call)];
  const values = key.values.map((value) => BigInt(value as Long));
  return hasBuckets ? [BigInt(key.bucketMs), ...values] : values;
}

const isLong = (value: Value): boolean =>
  typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
