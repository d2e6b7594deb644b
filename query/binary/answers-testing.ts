import fc from 'fast-check';
import { parseJson, toLong } from '../../core/index.js';
import { Json, type Value, type ValueType } from '../../model/index.js';
import { parseNativeQuery } from '../native/registry.js';
import { emptyStats, type QueryResult, type ResultField } from '../result.js';

/** For tests: answers with columns of all types, made up. */

const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const double = fc.double().map((value) => value + 0);
const long = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(2 ** 31, -(2 ** 31) - 1, 2 ** 32, 2 ** 53 - 1),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(toLong),
);
const listOf = <T>(item: fc.Arbitrary<T>) => fc.array(fc.option(item), { maxLength: 3 });

const VALUES: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  LONG: long,
  DOUBLE: double,
  FLOAT: fc.float().map((value) => value + 0),
  STRING: fc.oneof(text, listOf(text)),
  'ARRAY<STRING>': listOf(text),
  'ARRAY<LONG>': listOf(long),
  'ARRAY<DOUBLE>': listOf(double),
  'COMPLEX<json>': fc
    .json()
    .map((json) => Json.of(parseJson(json) as Parameters<typeof Json.of>[0])),
  'COMPLEX<serializablePairLongString>': fc.record({ lhs: long, rhs: fc.option(text) }),
};

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const field = fc.record({
  name: fc.oneof(name, fc.constantFrom('__proto__', 'constructor', 'timestamp')),
  type: fc.constantFrom(...(Object.keys(VALUES) as ValueType[])),
  // Multi-value texts, and what older segments may have of a LONG, in some of the columns only.
  isPlain: fc.boolean(),
});

const randomValue = (type: ValueType, isPlain: boolean): fc.Arbitrary<Value> => {
  if (type === 'STRING' && isPlain) return text;
  return type === 'LONG' && !isPlain ? fc.oneof(long, fc.constant(2.5)) : VALUES[type]!;
};

/** For tests: an answer whose first column is `__time`, and at most four others. */
export const randomAnswer: fc.Arbitrary<{
  readonly fields: readonly ResultField[];
  readonly rows: readonly (readonly Value[])[];
}> = fc.uniqueArray(field, { maxLength: 4, selector: ({ name }) => name }).chain((others) => {
  const timeMs = fc.option(fc.integer({ min: -1e12, max: 1e13 }), { freq: 9 });
  const values = others.map(({ type, isPlain }) => fc.option(randomValue(type, isPlain)));
  const fields = others.map(({ name, type }) => ({ name, type }));
  return fc.record({
    fields: fc.constant([{ name: '__time', type: 'LONG' as const }, ...fields]),
    rows: fc.array(fc.tuple(timeMs, ...values), { maxLength: 12 }),
  });
});

const BASE = { dataSource: 't', intervals: '2000/2001', granularity: 'day' };

/** For tests: queries of all types, in all the shapes that their answers may have. */
export const QUERIES = [
  { ...BASE, queryType: 'timeseries' },
  { ...BASE, queryType: 'timeseries', context: { serializeDateTimeAsLong: true } },
  {
    ...BASE,
    queryType: 'timeseries',
    granularity: { type: 'period', period: 'P1D', timeZone: 'Asia/Kolkata' },
  },
  { ...BASE, queryType: 'topN', dimension: 'd', metric: 'm', threshold: 3 },
  { ...BASE, queryType: 'search', query: { type: 'contains', value: 'x' } },
  { ...BASE, queryType: 'groupBy', dimensions: [] },
  { ...BASE, queryType: 'groupBy', dimensions: [], context: { resultAsArray: true } },
  { ...BASE, queryType: 'scan' },
  { ...BASE, queryType: 'scan', resultFormat: 'compactedList' },
  { ...BASE, queryType: 'timeBoundary' },
  { ...BASE, queryType: 'segmentMetadata' },
  { ...BASE, queryType: 'windowOperator', operators: [], outputSignature: [{ name: 'm' }] },
].map((json) => {
  const query = { aggregations: [{ type: 'count', name: 'm' }], ...json };
  return { name: JSON.stringify(json), query: parseNativeQuery(query) };
});

/** For tests: the answer as the engine gives it: in buckets, and in batches of five rows. */
export function resultOf(answer: Pick<QueryResult, 'fields' | 'rows'>): QueryResult {
  const buckets = [...new Set(answer.rows.map(([timeMs]) => timeMs as number))];
  const rows = buckets.flatMap((bucket) => answer.rows.filter(([timeMs]) => timeMs === bucket));
  const batches = Array.from({ length: Math.ceil(rows.length / 5) }, (_, i) => ({
    segmentId: i === 0 ? 'a' : null,
    rowCount: Math.min(5, rows.length - 5 * i),
  }));
  return { ...answer, rows, buckets: [...buckets, 5], batches, stats: emptyStats() };
}
