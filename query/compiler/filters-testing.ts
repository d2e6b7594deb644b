import fc from 'fast-check';
import type { JsonObject } from '../../core/index.js';
import { FIRST_MS, PIECES } from './data-testing.js';
import { columnName, expressions, literal, literalOf } from './expressions-testing.js';

/** For tests: random filters of every type, and extraction functions. */

type Json = fc.Arbitrary<JsonObject>;
const json = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): Json => fc.record(fields);
const is = <T>(value: T): fc.Arbitrary<T> => fc.constant(value);
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(arbitrary, { freq: 4 });

const pattern = fc.constantFrom('^v', 'a', '[0-9]+$', '.', '^$', '^(-?)(1|2)');
const likePattern = fc.oneof(
  fc.constantFrom('v%', '%1%', '_', '', '%', '-_'),
  fc
    .array(fc.constantFrom('%', '%', '_', '!', ...PIECES, 'v', '1', 'x'), { maxLength: 6 })
    .map((pieces) => pieces.join('')),
);
const search = fc.oneof(
  json({
    type: is('contains'),
    value: fc.oneof(literal, fc.constantFrom(...PIECES)),
    caseSensitive: fc.boolean(),
  }),
  json({
    type: is('fragment'),
    values: fc.array(fc.constantFrom(...PIECES), { maxLength: 3 }),
    caseSensitive: is(true),
  }),
  json({ type: is('insensitive_contains'), value: fc.constantFrom('A', '1', '', 'V') }),
  json({ type: is('fragment'), values: fc.constantFrom(['a', 'b'], ['1'], []) }),
  json({ type: is('regex'), pattern }),
);

export const extraction: Json = fc.oneof(
  json({ type: is('substring'), index: fc.nat(2), length: orNull(fc.integer({ min: 1, max: 2 })) }),
  fc.constantFrom({ type: 'strlen' }, { type: 'upper' }, { type: 'lower' }, { type: 'identity' }),
  json({ type: is('regex'), expr: is('([0-9])'), replaceMissingValue: fc.boolean() }),
  json({ type: is('partial'), expr: pattern }),
  json({ type: is('bucket'), size: fc.constantFrom(2, 5, 100), offset: fc.constantFrom(0, 1) }),
  json({
    type: is('timeFormat'),
    format: fc.constantFrom('HH', 'yyyy-MM', 'EEEE'),
    timeZone: fc.constantFrom('Europe/Berlin', 'UTC'),
  }),
  json({ type: is('stringFormat'), format: is('[%s]') }),
  json({ type: is('searchQuery'), query: search }),
  json({
    type: is('lookup'),
    lookup: is({ type: 'map', map: { a: 'X', '1': 'X', one: '', v6: 'six' } }),
    retainMissingValue: fc.boolean(),
  }),
  is({
    type: 'cascade',
    extractionFns: [{ type: 'upper' }, { type: 'substring', index: 0, length: 1 }],
  }),
);

/** Mostly none: few filters with one can be compiled. */
const maybeExtraction = fc.option(extraction, { freq: 1 }).map((fn) => fn ?? undefined);
const noExtraction = is(undefined);
const someExtraction = fc.oneof({ weight: 5, arbitrary: noExtraction }, maybeExtraction);

const matchType = fc.constantFrom('STRING', 'LONG', 'FLOAT', 'DOUBLE');
const matchValue = fc.oneof(
  literal,
  fc.constantFrom(...[0, 1, 5, -1, 2.5, 0.1, 42, 100, 30000, FIRST_MS, 2n ** 53n + 1n, true]),
);
const HOUR = 3_600_000;
const instant = fc.oneof(
  fc.integer({ min: -2, max: 75 }).map((hour) => FIRST_MS + hour * HOUR),
  fc.nat(20).map((ms) => FIRST_MS + ms),
  fc.constantFrom(0, -1, -5, 1, 5, 42),
);
export const intervalText = fc
  .tuple(instant, fc.constantFrom(1, 2, 5, 11, HOUR, 30 * HOUR))
  .map(
    ([start, length]) =>
      `${new Date(start).toISOString()}/${new Date(start + length).toISOString()}`,
  );

const strictness = { lowerStrict: fc.boolean(), upperStrict: fc.boolean() };
const ordering = fc.constantFrom(
  ...['numeric', 'numeric', 'natural', 'lexicographic', 'alphanumeric', 'strlen', undefined],
);

/** Fields of which some are literals near the values of the column. */
type Fields = (near: fc.Arbitrary<string>) => Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** A filter over one column, which stands in the field `key`. */
const over = (type: string, key: string, fields: Fields, names = columnName): Json =>
  names.chain((column) =>
    json({ type: is(type), [key]: is(column), ...fields(literalOf(column)) }),
  );

const atLeastOne = (lower: string, upper: string, filters: Json): Json =>
  filters.map((spec) =>
    spec[lower] === null && spec[upper] === null ? { ...spec, [lower]: '0' } : spec,
  );

const values = (near: fc.Arbitrary<string>) => fc.oneof(near, matchValue);

/** More than kernels look at one by one, too. */
const someOrMany = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.array(value, { maxLength: 6 }) },
    { weight: 1, arbitrary: fc.array(value, { minLength: 20, maxLength: 60, size: 'max' }) },
  );

/** Filters by type. */
const LEAVES: Readonly<Record<string, Json>> = {
  selector: over('selector', 'dimension', (near) => ({
    value: orNull(near),
    extractionFn: someExtraction,
  })),
  extraction: over('extraction', 'dimension', (near) => ({
    value: orNull(near),
    extractionFn: extraction,
  })),
  equals: over('equals', 'column', (near) => ({
    matchValueType: matchType,
    matchValue: values(near),
  })),
  anyEquals: fc
    .tuple(columnName, matchType)
    .chain(([column, matchValueType]) =>
      someOrMany(values(literalOf(column))).map((list) =>
        list.map((matchValue) => ({ type: 'equals', column, matchValueType, matchValue })),
      ),
    )
    .map((fields) => ({ type: 'or', fields })),
  null: over('null', 'column', () => ({})),
  in: over('in', 'dimension', (near) => ({
    values: someOrMany(orNull(near)),
    extractionFn: someExtraction,
  })),
  inType: over('inType', 'column', (near) => ({
    matchValueType: matchType,
    values: someOrMany(orNull(values(near))),
  })),
  bound: atLeastOne(
    'lower',
    'upper',
    over('bound', 'dimension', (near) => ({
      lower: orNull(near),
      upper: orNull(near),
      ...strictness,
      ordering,
      extractionFn: someExtraction,
    })),
  ),
  range: atLeastOne(
    'lower',
    'upper',
    over('range', 'column', (near) => ({
      matchValueType: matchType,
      lower: orNull(values(near)),
      upper: orNull(values(near)),
      lowerOpen: fc.boolean(),
      upperOpen: fc.boolean(),
    })),
  ),
  arrayContainsElement: over('arrayContainsElement', 'column', (near) => ({
    elementMatchValueType: matchType,
    elementMatchValue: orNull(values(near)),
  })),
  interval: over(
    'interval',
    'dimension',
    () => ({
      intervals: fc.array(intervalText, { minLength: 1, maxLength: 3 }),
      extractionFn: someExtraction,
    }),
    fc.oneof(is('__time'), is('n8'), columnName),
  ),
  like: over('like', 'dimension', () => ({
    pattern: likePattern,
    escape: fc.option(is('!'), { freq: 1, nil: undefined }),
    extractionFn: someExtraction,
  })),
  regex: over('regex', 'dimension', () => ({ pattern, extractionFn: someExtraction })),
  search: over('search', 'dimension', () => ({ query: search })),
  columnComparison: json({
    type: is('columnComparison'),
    dimensions: fc.array(columnName, { minLength: 2, maxLength: 3 }),
  }),
  expression: json({ type: is('expression'), expression: expressions.truth }),
  true: is({ type: 'true' }),
  false: is({ type: 'false' }),
};

const WEIGHTS: Readonly<Record<string, number>> = {
  ...{
    selector: 4,
    in: 3,
    bound: 4,
    range: 4,
    interval: 3,
    expression: 3,
    columnComparison: 1,
    extraction: 1,
  },
  ...{ true: 1, false: 1, search: 2, regex: 1, like: 4 },
};
const leaf = fc.oneof(
  ...Object.entries(LEAVES).map(([type, arbitrary]) => ({ weight: WEIGHTS[type] ?? 2, arbitrary })),
);

export const filter = fc.letrec<{ any: JsonObject }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 6, arbitrary: leaf },
    { weight: 2, arbitrary: json({ type: is('not'), field: tie('any') }) },
    {
      weight: 3,
      arbitrary: json({
        type: fc.constantFrom('and', 'or'),
        fields: fc.array(tie('any'), { minLength: 1, maxLength: 3 }),
      }),
    },
    {
      weight: 1,
      arbitrary: json({ type: fc.constantFrom('istrue', 'isfalse'), field: tie('any') }),
    },
  ),
})).any;
