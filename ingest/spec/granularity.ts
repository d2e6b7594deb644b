import { z } from 'zod';
import { UserError } from '../../core/index.js';
import {
  condenseIntervals,
  type Granularity,
  type Interval,
  parseGranularity,
  parseIntervals,
} from '../../model/index.js';
import { flagField, jsonField, readFields, textField } from './fields.js';
import type { GranularitySpec } from './task-spec.js';

const Granularities = z.object({
  type: textField('uniform').refine(
    (type) => type === 'uniform',
    'the only type of granularitySpec is "uniform" ("arbitrary" is not built yet)',
  ),
  segmentGranularity: jsonField,
  queryGranularity: jsonField,
  rollup: flagField(null),
  intervals: jsonField,
});

/** Reads a `granularitySpec`; intervals are widened to whole segment buckets. */
export function readGranularity(
  json: unknown,
  field: string,
  rollupWhenAbsent = true,
): GranularitySpec {
  const spec = readFields(Granularities, json, field);
  const path = `${field}.segmentGranularity`;
  const segmentGranularity = parseGranularity(spec.segmentGranularity ?? 'day', path);
  if (segmentGranularity.kind === 'none') {
    throw new UserError(
      `${path}: "none" would make a segment of every millisecond; use "hour", "day", …`,
      'spec',
      path,
    );
  }
  const queryGranularity = parseGranularity(
    spec.queryGranularity ?? 'none',
    `${field}.queryGranularity`,
  );
  const { intervals } = spec;
  return {
    segmentGranularity,
    queryGranularity,
    rollup: spec.rollup ?? rollupWhenAbsent,
    intervals:
      intervals === undefined || intervals === null || isEmptyList(intervals)
        ? null
        : wholeBuckets(parseIntervals(intervals, `${field}.intervals`), segmentGranularity),
  };
}

const isEmptyList = (json: unknown): boolean => Array.isArray(json) && json.length === 0;

function wholeBuckets(
  intervals: readonly Interval[],
  granularity: Granularity,
): readonly Interval[] {
  if (granularity.kind === 'all') return intervals;
  return condenseIntervals(
    intervals.map(({ startMs, endMs }) => ({
      startMs: granularity.bucketStart(startMs),
      endMs: granularity.nextBucket(granularity.bucketStart(endMs - 1)),
    })),
  );
}
