import { z } from 'zod';
import { UserError } from '../../core/index.js';
import type { ExtractionFn } from '../dimensions/extraction/extraction-fn.js';
import { optionalExtraction } from '../dimensions/extraction/registry.js';
import { type Comparator, compareBy, ORDERINGS, type Ordering } from '../ordering.js';
import { flagSpec, jsonSpec, nameSpec, optionalText, readSpec, type SpecReader } from '../spec.js';
import { scalarText } from '../text.js';
import type { Interval } from '../time/interval.js';
import type { ScalarType } from '../types.js';
import { columnFilter, type ElementTest, unlessNull } from './column-filter.js';
import { type Filter, TRUE, UNKNOWN } from './filter.js';
import { type Bounds, longRange, numericRangeForm, numericRangeTest } from './numeric-bounds.js';
import { textTest } from './text-test.js';
import { timeBounds } from './time-bounds.js';

const Schema = z.object({
  dimension: nameSpec,
  lower: optionalText,
  upper: optionalText,
  lowerStrict: flagSpec(false),
  upperStrict: flagSpec(false),
  ordering: z
    .string()
    .transform((name) => name.toLowerCase())
    .pipe(z.enum(ORDERINGS, { error: `want one of ${ORDERINGS.join(', ')}` }))
    .nullish(),
  alphaNumeric: flagSpec(false),
  extractionFn: jsonSpec,
});

/**
 * A range of texts in some ordering. Null sorts first: it matches when there is no lower bound and
 * is unknown otherwise. Numeric ordering on a numeric column compares numbers; every other ordering
 * compares the text of the numbers.
 */
export const readBound: SpecReader<Filter> = (json, field) => {
  const spec = readSpec(Schema, json, field);
  checkBounds(spec.lower, spec.upper, field);
  const ordering = spec.ordering ?? (spec.alphaNumeric ? 'alphanumeric' : 'lexicographic');
  const extraction = optionalExtraction(spec.extractionFn, `${field}.extractionFn`);
  return columnFilter({
    spec: json,
    column: spec.dimension,
    extraction,
    testOf: (type) => withNulls(spec.lower === null, boundTest(spec, ordering, type)),
    numbersOf: (type) =>
      ordering === 'numeric' || ordering === 'natural'
        ? numericRangeForm(spec, type, spec.lower === null ? TRUE : UNKNOWN)
        : null,
    texts:
      ordering === 'natural' || ordering === 'lexicographic'
        ? textTest({ kind: 'range', range: spec }, spec.lower === null ? TRUE : UNKNOWN)
        : null,
    intervals: boundIntervals(spec.dimension, spec, ordering, extraction),
  });
};

/** Throws unless at least one end is bounded. */
export function checkBounds(lower: unknown, upper: unknown, field: string): void {
  if (lower === null && upper === null) {
    throw new UserError(
      `${field}.lower: want at least one of "lower" and "upper"`,
      'query',
      `${field}.lower`,
    );
  }
}

const withNulls = (nullMatches: boolean, test: ElementTest): ElementTest =>
  nullMatches ? (value) => (value === null ? TRUE : test(value)) : test;

function boundTest(bounds: Bounds, ordering: Ordering, type: ScalarType): ElementTest {
  if (type !== 'STRING' && (ordering === 'numeric' || ordering === 'natural')) {
    return numericRangeTest(bounds, type);
  }
  const within = withinTexts(bounds, compareBy(ordering));
  return unlessNull((value) => within(scalarText(value, type)!));
}

/** Whether a text lies within the bounds by the comparator. */
export function withinTexts(bounds: Bounds, compare: Comparator): (text: string) => boolean {
  const { lower, upper, lowerStrict, upperStrict } = bounds;
  return (text) => {
    if (lower !== null) {
      const order = compare(text, lower);
      if (lowerStrict ? order <= 0 : order < 0) return false;
    }
    if (upper === null) return true;
    const order = compare(text, upper);
    return upperStrict ? order < 0 : order <= 0;
  };
}

function boundIntervals(
  column: string,
  bounds: Bounds,
  ordering: Ordering,
  extraction: ExtractionFn | null,
): readonly Interval[] | null {
  if (extraction || (ordering !== 'numeric' && ordering !== 'natural')) return null;
  const range = longRange(bounds);
  return range === null ? timeBounds(column, 1, 0) : timeBounds(column, range.min, range.max);
}
