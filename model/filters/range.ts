import { z } from 'zod';
import { compareBy, compareValues } from '../ordering.js';
import { flagSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import {
  type ArrayType,
  elementType,
  isNumericType,
  type Scalar,
  type ScalarType,
} from '../types.js';
import { checkBounds, withinTexts } from './bound.js';
import { type ElementTest, NEVER, unlessNull } from './column-filter.js';
import { onlyText } from './equals.js';
import { type Filter, UNKNOWN } from './filter.js';
import { NO_NUMBER } from './number-form.js';
import { type Bounds, longRange, numericRangeForm, numericRangeTest } from './numeric-bounds.js';
import { type TextTest, textTest } from './text-test.js';
import { timeBounds } from './time-bounds.js';
import {
  listLiteral,
  type MatchList,
  type MatchType,
  matchList,
  matchTypeSpec,
  matchValueSpec,
  typedFilter,
} from './typed.js';

const Schema = z.object({
  column: nameSpec,
  matchValueType: matchTypeSpec,
  lower: matchValueSpec.nullish(),
  upper: matchValueSpec.nullish(),
  lowerOpen: flagSpec(false),
  upperOpen: flagSpec(false),
});

/** The bounds of a range over lists; null where open. */
interface ListBounds {
  readonly lower: MatchList | null;
  readonly upper: MatchList | null;
  readonly lowerStrict: boolean;
  readonly upperStrict: boolean;
}

/** A typed range, never true for null, also without a lower bound. Arrays compare element by element. */
export const readRange: SpecReader<Filter> = (json, field) => {
  const spec = readSpec(Schema, json, field);
  const listOf = (end: 'lower' | 'upper'): MatchList | null => {
    const value = spec[end] ?? null;
    return value === null ? null : matchList(value, spec.matchValueType, `${field}.${end}`);
  };
  const lists: ListBounds = {
    lower: listOf('lower'),
    upper: listOf('upper'),
    lowerStrict: spec.lowerOpen,
    upperStrict: spec.upperOpen,
  };
  checkBounds(lists.lower, lists.upper, field);
  const bounds = scalarBounds(lists);
  const range = bounds === null ? null : longRange(bounds);
  return typedFilter({
    spec: json,
    column: spec.column,
    intervals: range === null ? null : timeBounds(spec.column, range.min, range.max),
    testOf: (type) => (bounds === null ? NEVER : scalarTest(bounds, spec.matchValueType, type)),
    numbersOf: (type) => (bounds === null ? NO_NUMBER : numericRangeForm(bounds, type)),
    texts: rangeTexts(bounds, spec.matchValueType),
    listTestOf: (type) => listTest(lists, type),
  });
};

/** The bounds as plain texts; null when one of them is a list of other than one element. */
function scalarBounds(lists: ListBounds): Bounds | null {
  const lower = lists.lower === null ? null : onlyText(lists.lower);
  const upper = lists.upper === null ? null : onlyText(lists.upper);
  const lost = (lists.lower !== null && lower === null) || (lists.upper !== null && upper === null);
  return lost ? null : { ...lists, lower, upper };
}

/** Text columns compare as numbers when the match type is numeric, numeric columns always do. */
function scalarTest(bounds: Bounds, matchType: MatchType, type: ScalarType): ElementTest {
  if (type !== 'STRING') return numericRangeTest(bounds, type);
  const within = withinTexts(
    bounds,
    compareBy(isNumericType(matchType) ? 'numeric' : 'lexicographic'),
  );
  return unlessNull((value) => within(value as string));
}

/** `scalarTest` of texts as data. */
function rangeTexts(bounds: Bounds | null, matchType: MatchType): TextTest | null {
  if (bounds === null) return textTest({ kind: 'points', texts: [] }, UNKNOWN);
  return isNumericType(matchType) ? null : textTest({ kind: 'range', range: bounds }, UNKNOWN);
}

function listTest(lists: ListBounds, type: ArrayType): (cell: readonly Scalar[]) => boolean {
  const compare = compareValues(type);
  const element = elementType(type);
  const lower = lists.lower === null ? null : listLiteral(lists.lower, element);
  const upper = lists.upper === null ? null : listLiteral(lists.upper, element);
  if ((lists.lower !== null && lower === null) || (lists.upper !== null && upper === null)) {
    return () => false;
  }
  return (cell) => {
    const fromLower = lower === null ? 1 : compare(cell, lower);
    const fromUpper = upper === null ? -1 : compare(cell, upper);
    return (
      (lists.lowerStrict ? fromLower > 0 : fromLower >= 0) &&
      (lists.upperStrict ? fromUpper < 0 : fromUpper <= 0)
    );
  };
}
