import type { Long } from '../../core/index.js';
import {
  FALSE,
  type Filter,
  type FilterForm,
  type NumberRange,
  type NumberTest,
  rangesOf,
  type Ternary,
  TRUE,
} from '../../model/index.js';
import type { ScanColumn } from '../../segments/index.js';
import { perChoice, perCode, perCombination, textsTest } from './code-filters.js';
import type { Columns } from './columns.js';
import { lowerColumn, lowerTruth } from './expressions.js';
import type { KernelBuilder } from './kernel-builder.js';
import { isLookedUp } from './looked-up.js';
import { memberCode } from './number-sets.js';
import type { Num } from './numbers.js';
import { testPerRun } from './per-run.js';
import { ALWAYS, allOf, anyOf, NEVER, noneOf, nullMask, rangeMask, type Test } from './tests.js';
import { readsTimeAlone } from './time-pieces.js';
import { unitedValues } from './united-values.js';
import { type Code, get, i32, op } from './wasm/code.js';
import type { EntryBounds } from './zones.js';

/** Points of a narrow column, each of which is compared with many rows at a time. */
const MAX_MASKS = 16;
/** Points that a number is compared with one by one; more are searched. */
const MAX_POINTS = 4;

/**
 * The rows for which a filter is TRUE, or, with `wanted` FALSE, those for which it is FALSE. Null when
 * it has to be interpreted.
 *
 * NOT turns one question into the other, AND and OR change places, so the third value never has to be
 * computed: a row is unknown when it is neither.
 */
export function lowerFilter(columns: Columns, filter: Filter, wanted: Ternary): Test | null {
  const { form } = filter;
  if (form?.kind === 'constant') return form.value === wanted ? ALWAYS : NEVER;
  const stored = columns.storedBehind(filter.inputs);
  if (stored.size === 0) return constantTest(columns, filter, wanted);
  const codes = columns.onlyCodes(filter.inputs);
  const isOfTime = codes === null && readsTimeAlone(stored);
  const perRun = isOfTime ? testPerRun(columns, filter, wanted) : null;
  if (perRun !== null) return perRun;
  const formed = form === undefined ? null : lowerForm(columns, filter, form, wanted);
  if (formed !== null) return formed;
  const looked = isLookedUp(columns, filter.inputs) ? perChoice(columns, filter, wanted) : null;
  if (looked !== null) return looked;
  return codes === null
    ? (perCombination(columns, filter, wanted) ?? perChoice(columns, filter, wanted))
    : perCode(columns, filter, codes, wanted);
}

/** A filter that reads nothing there is: one row tells for all. */
function constantTest(columns: Columns, filter: Filter, wanted: Ternary): Test {
  return filter.predicate(columns.over(null))() === wanted ? ALWAYS : NEVER;
}

function lowerForm(
  columns: Columns,
  filter: Filter,
  form: FilterForm,
  wanted: Ternary,
): Test | null {
  const lower = (each: Filter, ask: Ternary): Test | null => lowerFilter(columns, each, ask);
  switch (form.kind) {
    case 'constant':
      return form.value === wanted ? ALWAYS : NEVER;
    case 'and':
    case 'or': {
      const united = form.kind === 'or' ? unitedValues(form.filters) : null;
      if (united !== null) return lowerValues(columns, filter, united, wanted);
      const tests = form.filters.map((each) => lower(each, wanted));
      if (tests.some((test) => test === null)) return null;
      const combine = (form.kind === 'and') === (wanted === TRUE) ? allOf : anyOf;
      return combine(tests as Test[]);
    }
    case 'not':
      return lower(form.filter, wanted === TRUE ? FALSE : TRUE);
    case 'is': {
      const test = lower(form.filter, form.wanted);
      if (test === null) return null;
      return wanted === TRUE ? test : noneOf(test);
    }
    case 'values':
      return lowerValues(columns, filter, form, wanted);
    case 'json':
      return null;
    case 'expression': {
      const truth = lowerTruth(columns, form.expression);
      if (truth === null) return null;
      return { kind: 'rows', row: wanted === TRUE ? truth.holds : truth.fails };
    }
  }
}

function lowerValues(
  columns: Columns,
  filter: Filter,
  { column, numbersOf, texts }: Extract<FilterForm, { kind: 'values' }>,
  wanted: Ternary,
): Test | null {
  const scan = columns.stored(column);
  if (scan?.layout === 'ids') {
    return texts === null
      ? null
      : textsTest(columns, filter, texts, columns.codes(column)!, wanted);
  }
  const type = scan?.type ?? columns.virtual(column)?.outputType;
  if (type !== 'LONG' && type !== 'DOUBLE' && type !== 'FLOAT') return null;
  // One look tells for all rows, or all rows of a code.
  if (scan?.layout === 'constant' || scan?.layout === 'codes') return null;
  const test = numbersOf(type);
  if (test === null) return null;
  const isMany = test.points.length > MAX_MASKS;
  if (isMany && columns.onlyCodes(filter.inputs) !== null) return null;
  if (scan?.layout === 'deltas' && !isMany) {
    return deltaTest(columns, column, test, wanted);
  }
  const num = lowerColumn(columns, column);
  return num === null ? null : numberTest(num, test, wanted);
}

/** Ranges of integers become ranges of deltas, which are compared many at a time. */
function deltaTest(columns: Columns, name: string, test: NumberTest, wanted: Ternary): Test | null {
  const scan = columns.stored(name)!;
  const { address, nulls, width } = scan;
  const inside = anyOf(
    rangesOf(test).map(({ lower, upper }) => {
      const most = scan.size - 1;
      const low = Math.max(0, lower === null ? 0 : Math.ceil(deltaOf(lower, scan)));
      const high = Math.min(most, upper === null ? most : Math.floor(deltaOf(upper, scan)));
      if (low > high) return NEVER;
      if (low === 0 && high === most) return ALWAYS;
      return rangeMask(address, width as 1 | 2 | 4, low, high - low);
    }),
  );
  return withNullRows(inside, nulls, test.forNull, wanted);
}

/** Exact beyond 2^53 too, but for a fraction where no delta is. A bound of a LONG is whole, or infinite. */
function deltaOf(bound: Long, { base, unit }: ScanColumn): number {
  if (typeof bound === 'number' && !Number.isFinite(bound)) return bound;
  const difference = BigInt(bound) - BigInt(base);
  const whole = difference / BigInt(unit);
  // Divided towards zero: what is left over has the sign of the difference.
  return Number(whole) + Number(difference % BigInt(unit)) / unit;
}

/** What holds for numbers, and what for nulls. */
function withNullRows(inside: Test, nulls: number | null, forNull: Ternary, wanted: Ternary): Test {
  const numbers = wanted === TRUE ? inside : noneOf(inside);
  if (nulls === null) return numbers;
  const validNumbers = allOf([nullMask(nulls, 'valid'), numbers]);
  return forNull === wanted ? anyOf([nullMask(nulls, 'null'), validNumbers]) : validNumbers;
}

/** Any number, one row at a time. */
function numberTest(num: Num, test: NumberTest, wanted: Ternary): Test {
  const { valid } = num;
  const parts = [
    ...test.ranges.map((range) => (kernel: KernelBuilder) => rangeCode(kernel, num, range)),
    ...pointTests(num, test.points),
  ];
  const inside = (kernel: KernelBuilder): Code =>
    parts.reduce<Code>((all, part) => op('i32.or', all, part(kernel)), i32(0));
  const asked = (kernel: KernelBuilder): Code =>
    wanted === TRUE ? inside(kernel) : op('i32.eqz', inside(kernel));
  const bounds = wanted === TRUE ? boundsOf(num, test) : null;
  if (valid === null) return { kind: 'rows', row: asked, ...(bounds && { bounds }) };
  const ofNull = test.forNull === wanted ? i32(1) : i32(0);
  return {
    kind: 'rows',
    ...(bounds && test.forNull !== wanted && { bounds }),
    row: (kernel) =>
      op(
        'i32.or',
        op('i32.and', valid(kernel), asked(kernel)),
        op('i32.and', op('i32.eqz', valid(kernel)), ofNull),
      ),
  };
}

/** Of a stored column of wide LONGs. */
function boundsOf({ column }: Num, { ranges, points }: NumberTest): EntryBounds[] | null {
  if (column?.layout !== 'longs') return null;
  const { address } = column;
  const bounds = (low: number, high: number): EntryBounds => ({ address, width: 8, low, high });
  return [
    ...ranges.map(({ lower, upper }) =>
      bounds(
        lower === null ? Number.NEGATIVE_INFINITY : Number(lower),
        upper === null ? Number.POSITIVE_INFINITY : Number(upper),
      ),
    ),
    ...points.map((point) => bounds(Number(point), Number(point))),
  ];
}

/** In the order in which NaN is the largest and -0 equals 0: a lower bound is told by what is not below it. */
function rangeCode(kernel: KernelBuilder, num: Num, range: NumberRange): Code {
  const { lower, upper, lowerStrict, upperStrict } = range;
  const isLong = num.type === 'LONG';
  const bound = (value: number | bigint): Code =>
    get(isLong ? kernel.constant('i64', BigInt(value)) : kernel.constant('f64', Number(value)));
  const below = (strict: boolean): string =>
    isLong ? (strict ? 'i64.lt_s' : 'i64.le_s') : strict ? 'f64.lt' : 'f64.le';
  const tests: Code[] = [];
  if (lower !== null && !isUnbounded(lower, isLong)) {
    tests.push(op('i32.eqz', op(below(!lowerStrict), num.value(kernel), bound(lower))));
  }
  if (upper !== null && !isUnbounded(upper, isLong)) {
    tests.push(op(below(upperStrict), num.value(kernel), bound(upper)));
  }
  if (isLong && (isBeyond(lower, 1) || isBeyond(upper, -1))) return i32(0);
  return tests.reduce((all, test) => op('i32.and', all, test), i32(1) as Code);
}

/** Bounds of LONG columns may lie outside of 64 bits, or be infinite: then they bound nothing, or everything. */
const LONG_MIN = -(2n ** 63n);
const LONG_MAX = 2n ** 63n - 1n;

const isUnbounded = (bound: number | bigint, isLong: boolean): boolean =>
  isLong && !(bound >= LONG_MIN && bound <= LONG_MAX);

/** Whether no LONG is on the right side of the bound. */
const isBeyond = (bound: number | bigint | null, sign: 1 | -1): boolean =>
  bound !== null && (sign === 1 ? bound > LONG_MAX : bound < LONG_MIN);

const pointTests = (num: Num, points: NumberTest['points']) =>
  points.length > MAX_POINTS
    ? [(kernel: KernelBuilder) => memberCode(kernel, num, points)]
    : points.map((point) => (kernel: KernelBuilder) => pointCode(kernel, num, point));

function pointCode(kernel: KernelBuilder, num: Num, point: number | bigint): Code {
  if (num.type === 'LONG') {
    return op('i64.eq', num.value(kernel), get(kernel.constant('i64', BigInt(point))));
  }
  if (Number.isNaN(Number(point))) return op('f64.ne', num.value(kernel), num.value(kernel));
  return op('f64.eq', num.value(kernel), get(kernel.constant('f64', Number(point))));
}
