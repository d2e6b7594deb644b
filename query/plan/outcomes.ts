import type { Long } from '../../core/index.js';
import { compareText } from '../../core/index.js';
import {
  compareNumbers,
  FALSE,
  type Filter,
  type FilterForm,
  type NumberTest,
  type Ternary,
  type TextTest,
  TRUE,
  UNKNOWN,
  type ValueType,
} from '../../model/index.js';
import type { ColumnFacts, FactsOf } from './column-facts.js';

/** A set of the three answers of a filter: bit `answer` is set where some row may get it. */
export type Outcomes = number;

const of = (answer: Ternary): Outcomes => 1 << answer;
const ANY: Outcomes = of(TRUE) | of(FALSE) | of(UNKNOWN);

export const mayBeTrue = (outcomes: Outcomes): boolean => (outcomes & of(TRUE)) !== 0;

export const mustBeTrue = (outcomes: Outcomes): boolean => outcomes === of(TRUE);

/** Tells from facts which answers a filter may give to rows of which they hold. May say too many, never too few. */
export type OutcomesTest = (facts: FactsOf) => Outcomes;

const anything: OutcomesTest = () => ANY;

/** Compiles a filter, once for all segments. Of virtual columns nothing is known, whatever facts say of their names. */
export function compileOutcomes(filter: Filter, virtual: ReadonlySet<string>): OutcomesTest {
  const { form } = filter;
  const inner = (each: Filter): OutcomesTest => compileOutcomes(each, virtual);
  switch (form?.kind) {
    case 'and':
      return every(form.filters.map(inner), FALSE, TRUE);
    case 'or':
      return every(form.filters.map(inner), TRUE, FALSE);
    case 'not': {
      const test = inner(form.filter);
      return (facts) => negated(test(facts));
    }
    case 'is': {
      const test = inner(form.filter);
      return (facts) => decided(test(facts), form.wanted);
    }
    case 'constant':
      return () => of(form.value);
    case 'values':
      return virtual.has(form.column) ? anything : valuesTest(form);
    default:
      return anything;
  }
}

/** Kleene's AND and OR: `decisive` when one is, `otherwise` when all are. */
function every(
  tests: readonly OutcomesTest[],
  decisive: Ternary,
  otherwise: Ternary,
): OutcomesTest {
  return (facts) => {
    let some = 0;
    let all = of(otherwise);
    for (const test of tests) {
      const outcomes = test(facts);
      some |= outcomes & (of(decisive) | of(UNKNOWN));
      all &= outcomes;
    }
    return some | all;
  };
}

const negated = (outcomes: Outcomes): Outcomes =>
  (outcomes & of(UNKNOWN)) |
  (outcomes & of(TRUE) ? of(FALSE) : 0) |
  (outcomes & of(FALSE) ? of(TRUE) : 0);

const decided = (outcomes: Outcomes, wanted: Ternary): Outcomes =>
  (outcomes & of(wanted) ? of(TRUE) : 0) | (outcomes & ~of(wanted) ? of(FALSE) : 0);

type ColumnTest = (facts: ColumnFacts) => Outcomes;

const anyOfColumn: ColumnTest = () => ANY;

/**
 * A list is as one of its elements: true where one is, else unknown where one is, else false. So what its elements may be is
 * all that it may be.
 */
function valuesTest({
  column,
  texts,
  numbersOf,
}: Extract<FilterForm, { kind: 'values' }>): OutcomesTest {
  const known = new Map<string, ColumnTest>();
  const testOf = (type: ValueType): ColumnTest => {
    if (type === 'STRING') return texts === null ? anyOfColumn : textOutcomes(texts);
    if (type !== 'LONG' && type !== 'DOUBLE' && type !== 'FLOAT') return anyOfColumn;
    const numbers = numbersOf(type);
    return numbers === null ? anyOfColumn : numberOutcomes(numbers);
  };
  return (facts) => {
    const here = facts(column);
    if (here === null) return ANY;
    const test = known.get(here.type) ?? testOf(here.type);
    known.set(here.type, test);
    return test(here);
  };
}

/** What may be of values from `min` to `max`: some match, and all do. */
interface Matches {
  readonly some: boolean;
  readonly all: boolean;
}

function outcomesOf(forNull: Ternary, hasNulls: boolean, matches: Matches | null): Outcomes {
  const ofNulls = hasNulls ? of(forNull) : 0;
  if (matches === null) return ofNulls;
  return ofNulls | (matches.some ? of(TRUE) : 0) | (matches.all ? 0 : of(FALSE));
}

function textOutcomes(test: TextTest): ColumnTest {
  const matches = textMatches(test);
  return ({ min, max, hasNulls, without }) =>
    outcomesOf(
      test.forNull,
      hasNulls,
      typeof min === 'string' && typeof max === 'string' ? matches(min, max, without) : null,
    );
}

type TextMatches = (min: string, max: string, without?: ReadonlySet<string>) => Matches;

function textMatches(test: TextTest): TextMatches {
  switch (test.kind) {
    case 'points': {
      const texts = [...test.texts].sort(compareText);
      return (min, max, without) => {
        let at = firstFrom(texts, min, compareText);
        while (at < texts.length && without?.has(texts[at]!)) at++;
        const some = at < texts.length && compareText(texts[at]!, max) <= 0;
        return { some, all: some && min === max };
      };
    }
    case 'range':
      return (min, max) => rangeMatches<string>(test.range, min, max, compareText);
    case 'pattern': {
      const { prefix } = test.pattern;
      return (min, max) => ({
        some:
          compareText(prefix, max) <= 0 &&
          (min.startsWith(prefix) || compareText(min, prefix) <= 0),
        all: false,
      });
    }
  }
}

function numberOutcomes({ ranges, points, forNull }: NumberTest): ColumnTest {
  const sorted = [...points].sort(compareNumbers);
  const matches = (min: Long, max: Long): Matches => {
    const at = firstFrom(sorted, min, compareNumbers);
    const isPoint = at < sorted.length && compareNumbers(sorted[at]!, max) <= 0;
    const inRanges = ranges.map((range) => rangeMatches(range, min, max, compareNumbers));
    return {
      some: isPoint || inRanges.some(({ some }) => some),
      all: (isPoint && compareNumbers(min, max) === 0) || inRanges.some(({ all }) => all),
    };
  };
  return ({ min, max, hasNulls }) =>
    outcomesOf(
      forNull,
      hasNulls,
      min === null || max === null || typeof min === 'string' || typeof max === 'string'
        ? null
        : matches(min, max),
    );
}

interface Range<T> {
  readonly lower: T | null;
  readonly upper: T | null;
  readonly lowerStrict: boolean;
  readonly upperStrict: boolean;
}

function rangeMatches<T>(
  { lower, upper, lowerStrict, upperStrict }: Range<T>,
  min: T,
  max: T,
  compare: (a: T, b: T) => number,
): Matches {
  const isAbove = (value: T): boolean =>
    lower === null || compare(value, lower) > (lowerStrict ? 0 : -1);
  const isBelow = (value: T): boolean =>
    upper === null || compare(value, upper) < (upperStrict ? 0 : 1);
  return { some: isAbove(max) && isBelow(min), all: isAbove(min) && isBelow(max) };
}

/** The first position whose value is not below `value`. */
function firstFrom<T>(sorted: readonly T[], value: T, compare: (a: T, b: T) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle]!, value) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
