import { describe, expect, test } from 'vitest';
import { type JsonObject, UnsupportedError, UserError } from '../../core/index.js';
import type { Value, ValueType } from '../types.js';
import type { ResultRow } from './post-aggregator.js';
import { parsePostAggregator, parsePostAggregators } from './registry.js';

const TYPES = new Map<string, ValueType>([
  ['n', 'LONG'],
  ['d', 'DOUBLE'],
  ['big', 'LONG'],
  ['none', 'LONG'],
  ['text', 'STRING'],
  ['u', 'DOUBLE'],
]);
const SKETCH = { sketch: true };
const VALUES: Record<string, Value> = {
  n: 6,
  d: 2.5,
  big: 9007199254740993n,
  none: null,
  text: 'abc',
  u: 3.01,
};
const ROW: ResultRow = {
  value: (name) => VALUES[name] ?? null,
  state: (name) => (name === 'u' ? SKETCH : (VALUES[name] ?? null)),
};

const evaluate = (spec: JsonObject): Value =>
  parsePostAggregator({ name: 'p', ...spec }, 'postAggregations[0]').compile(TYPES)(ROW);

const access = (fieldName: string) => ({ type: 'fieldAccess', fieldName });
const constant = (value: unknown) => ({ type: 'constant', value });
const arithmetic = (fn: string, ...fields: JsonObject[]) => ({ type: 'arithmetic', fn, fields });

describe('values', () => {
  test.each([
    { spec: constant(7), expected: 7 },
    { spec: constant(9007199254740993n), expected: 9007199254740993n },
    { spec: constant('x'), expected: 'x' },
    { spec: access('n'), expected: 6 },
    { spec: access('u'), expected: SKETCH },
    { spec: access('gone'), expected: null },
    { spec: { type: 'finalizingFieldAccess', fieldName: 'u' }, expected: 3.01 },
    { spec: { type: 'hyperUniqueCardinality', fieldName: 'u' }, expected: 3.01 },
    { spec: arithmetic('+', access('n'), constant(1), access('d')), expected: 9.5 },
    { spec: arithmetic('-', access('n'), constant(1), constant(2)), expected: 3 },
    { spec: arithmetic('*', access('n'), access('u')), expected: 6 * 3.01 },
    { spec: arithmetic('/', access('n'), constant(4)), expected: 1.5 },
    { spec: arithmetic('/', access('n'), constant(0)), expected: 0 },
    { spec: arithmetic('/', constant(0), constant(0)), expected: 0 },
    { spec: arithmetic('quotient', access('n'), constant(0)), expected: Number.POSITIVE_INFINITY },
    { spec: arithmetic('quotient', constant(0), constant(0)), expected: Number.NaN },
    { spec: arithmetic('pow', constant(2), constant(10)), expected: 1024 },
    { spec: arithmetic('+', access('n'), access('none')), expected: null },
    { spec: arithmetic('/', access('none'), constant(0)), expected: null },
    { spec: arithmetic('+', access('text'), constant(1)), expected: null },
    {
      spec: { type: 'doubleGreatest', fields: [access('n'), access('d'), access('none')] },
      expected: 6,
    },
    { spec: { type: 'doubleLeast', fields: [access('n'), access('d')] }, expected: 2.5 },
    { spec: { type: 'longLeast', fields: [access('n'), access('d')] }, expected: 2 },
    {
      spec: { type: 'longGreatest', fields: [access('big'), constant(9007199254740991)] },
      expected: 9007199254740993n,
    },
    { spec: { type: 'longGreatest', fields: [access('none')] }, expected: null },
    { spec: { type: 'expression', expression: 'n * 2 + 1' }, expected: 13 },
    { spec: { type: 'expression', expression: 'n + none' }, expected: null },
    { spec: { type: 'expression', expression: 'big + 1' }, expected: 9007199254740994n },
    { spec: { type: 'expression', expression: 'u + 1' }, expected: 4.01 },
    { spec: { type: 'expression', expression: 'n / 4', outputType: 'DOUBLE' }, expected: 1 },
    { spec: { type: 'expression', expression: "concat(text, '!')" }, expected: 'abc!' },
  ])('$spec', ({ spec, expected }) => {
    expect(evaluate(spec)).toEqual(expected);
  });

  test.each([
    { spec: constant(1), expected: 'LONG' },
    { spec: constant(1.5), expected: 'DOUBLE' },
    { spec: access('n'), expected: 'LONG' },
    { spec: arithmetic('+', access('n'), access('n')), expected: 'DOUBLE' },
    { spec: { type: 'longLeast', fields: [access('d')] }, expected: 'LONG' },
    { spec: { type: 'expression', expression: 'n + d' }, expected: 'DOUBLE' },
    { spec: { type: 'expression', expression: 'n', outputType: 'STRING' }, expected: 'STRING' },
  ])('the type of $spec', ({ spec, expected }) => {
    expect(parsePostAggregator(spec, 'p').resultType(TYPES)).toBe(expected);
  });

  test('inputs', () => {
    const spec = arithmetic('+', access('n'), arithmetic('*', access('d'), access('n')));
    expect(parsePostAggregator(spec, 'p').inputs).toEqual(['n', 'd']);
  });
});

test('orderings', () => {
  const spec = { ...arithmetic('+', access('n'), access('n')), name: 'p' };
  const values = [Number.POSITIVE_INFINITY, Number.NaN, 1, null, Number.NEGATIVE_INFINITY, -2];
  const natural = parsePostAggregator(spec, 'p').compare;
  const finiteFirst = parsePostAggregator({ ...spec, ordering: 'numericFirst' }, 'p').compare;
  const { NaN: nan, POSITIVE_INFINITY, NEGATIVE_INFINITY } = Number;
  expect([...values].sort(natural)).toEqual([
    null,
    NEGATIVE_INFINITY,
    -2,
    1,
    POSITIVE_INFINITY,
    nan,
  ]);
  expect([...values].sort(finiteFirst)).toEqual([
    null,
    -2,
    1,
    nan,
    NEGATIVE_INFINITY,
    POSITIVE_INFINITY,
  ]);
});

describe('bad post-aggregators say what is wrong', () => {
  test.each([
    { spec: { type: 'nope', name: 'x' }, message: "p[0]: Could not resolve type id 'nope'" },
    { spec: { ...constant(1), name: '' }, message: 'p[0].name: must be given' },
    {
      spec: { ...arithmetic('+', constant(1)), name: 'x' },
      message: 'p[0].fields: want at least two fields',
    },
    {
      spec: { ...arithmetic('%', constant(1), constant(1)), name: 'x' },
      message: 'p[0].fn: want one of + - * / quotient pow; got "%"',
    },
    {
      spec: { ...arithmetic('+', constant(1), { type: 'fieldAccess' }), name: 'x' },
      message: 'p[0].fields[1].fieldName: must be given',
    },
  ])('$spec', ({ spec, message }) => {
    expect(() => parsePostAggregators([spec], 'p')).toThrow(UserError);
    expect(() => parsePostAggregators([spec], 'p')).toThrow(message);
  });

  test('names are unique', () => {
    const twice = [
      { ...constant(1), name: 'a' },
      { ...constant(2), name: 'a' },
    ];
    expect(() => parsePostAggregators(twice, 'p')).toThrow('p[1].name: [a] already defined');
  });

  test.each(['javascript'])('%s is refused', (type) => {
    expect(() => parsePostAggregator({ type, name: 'x' }, 'p[0]')).toThrow(UnsupportedError);
  });
});
