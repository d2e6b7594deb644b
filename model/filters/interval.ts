import { z } from 'zod';
import type { Long } from '../../core/index.js';
import { decimalFloor, parseDecimal } from '../decimal.js';
import { optionalExtraction } from '../dimensions/extraction/registry.js';
import { jsonSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import { type Interval, parseIntervals } from '../time/interval.js';
import type { Scalar } from '../types.js';
import { columnFilter, unlessNull } from './column-filter.js';
import { type Filter, type NumberTest, UNKNOWN } from './filter.js';
import { timeIntervals } from './time-bounds.js';

const Schema = z.object({
  dimension: nameSpec,
  intervals: jsonSpec,
  extractionFn: jsonSpec,
});

/** Milliseconds (a number, or its text) within any of the half-open intervals. */
export const readInterval: SpecReader<Filter> = (json, field) => {
  const spec = readSpec(Schema, json, field);
  const intervals = parseIntervals(spec.intervals, `${field}.intervals`);
  const extraction = optionalExtraction(spec.extractionFn, `${field}.extractionFn`);
  return columnFilter({
    spec: json,
    column: spec.dimension,
    extraction,
    testOf: () =>
      unlessNull((value) => {
        const timeMs = millisOf(value);
        return (
          timeMs !== null &&
          intervals.some(({ startMs, endMs }) => timeMs >= startMs && timeMs < endMs)
        );
      }),
    numbersOf: (type) => (type === 'LONG' ? intervalsForm(intervals) : null),
    intervals: extraction ? null : timeIntervals(spec.dimension, intervals),
  });
};

const intervalsForm = (intervals: readonly Interval[]): NumberTest => ({
  ranges: intervals.map(({ startMs, endMs }) => ({
    lower: startMs,
    upper: endMs - 1,
    lowerStrict: false,
    upperStrict: false,
  })),
  points: [],
  forNull: UNKNOWN,
});

/** Text is compared by its decimal value; rounding down keeps it on its side of whole milliseconds. */
function millisOf(value: Exclude<Scalar, null>): Long | null {
  if (typeof value !== 'string') return value;
  const decimal = parseDecimal(value);
  return decimal === null ? null : decimalFloor(decimal);
}
