import { expect, test } from 'vitest';
import { ManualClock } from '../../../core/index.js';
import { parseAggregator, parseExpression, withLookups } from '../../../model/index.js';
import { SqlEngine } from '../index.js';
import { EMPTY_TABLES, TEST_CATALOG } from '../test-catalog.js';
import type { Parameter } from './definition.js';
import { AGGREGATE_FUNCTIONS, SCALAR_FUNCTIONS } from './registry.js';

const engine = new SqlEngine({
  engine: { ...EMPTY_TABLES, run: () => Promise.reject(new Error('not run')) },
  catalog: TEST_CATALOG,
  system: { rows: () => [] },
  clock: new ManualClock(0),
});

const ARGUMENTS: Readonly<Record<Parameter['kind'], [column: string, constant: string]>> = {
  any: ['cnt', "'a'"],
  plain: ['cnt', "'a'"],
  string: ['dim1', "'a'"],
  number: ['m1', '2'],
  integer: ['cnt', '1'],
  time: ['__time', "TIMESTAMP '2000-01-01'"],
  boolean: ["(dim1 = 'a')", 'TRUE'],
  array: ['dim3', "ARRAY['a']"],
  unit: ['DAY', 'DAY'],
};

/** Calls that need particular arguments or a grammar of their own. */
const CALLS: Readonly<Record<string, string>> = {
  TIME_FLOOR: "TIME_FLOOR(__time, 'P1D')",
  TIME_CEIL: "TIME_CEIL(__time, 'P1D')",
  TIME_SHIFT: "TIME_SHIFT(__time, 'P1D', 1)",
  TIME_EXTRACT: "TIME_EXTRACT(__time, 'HOUR')",
  TIME_IN_INTERVAL: "TIME_IN_INTERVAL(__time, '2000/2001')",
  DATE_TRUNC: "DATE_TRUNC('day', __time)",
  EXTRACT: 'EXTRACT(DAY FROM __time)',
  FLOOR: 'FLOOR(m1)',
  CEIL: 'CEIL(__time TO DAY)',
  POSITION: "POSITION('a' IN dim1)",
  JSON_VALUE: "JSON_VALUE(dim1, '$.a' RETURNING BIGINT)",
  JSON_MATCH: `JSON_MATCH(dim1, '"$.a" = 1')`,
  JSON_OBJECT: "JSON_OBJECT('a' VALUE dim1)",
  JSON_QUERY: "JSON_QUERY(dim1, '$.a')",
  JSON_QUERY_ARRAY: "JSON_QUERY_ARRAY(dim1, '$.a')",
  JSON_KEYS: "JSON_KEYS(dim1, '$.a')",
  IPV4_MATCH: "IPV4_MATCH(dim1, '10.0.0.0/8')",
  IPV6_MATCH: "IPV6_MATCH(dim1, '2001:db8::/32')",
  GROUPING: 'GROUPING(dim1)',
  REGEXP_EXTRACT: "REGEXP_EXTRACT(dim1, '(a)', 1)",
  REGEXP_REPLACE: "REGEXP_REPLACE(dim1, 'a', '$0')",
  APPROX_COUNT_DISTINCT_DS_HLL: "APPROX_COUNT_DISTINCT_DS_HLL(dim1, 12, 'HLL_8')",
  APPROX_COUNT_DISTINCT_DS_THETA: 'APPROX_COUNT_DISTINCT_DS_THETA(dim1, 1024)',
  DS_HLL: 'DS_HLL(dim1)',
  DS_THETA: 'DS_THETA(dim1)',
  DS_QUANTILES_SKETCH: 'DS_QUANTILES_SKETCH(m1, 64)',
  APPROX_QUANTILE_DS: 'APPROX_QUANTILE_DS(m1, 0.5, 64)',
  APPROX_QUANTILE: 'APPROX_QUANTILE(m1, 0.5, 64)',
  APPROX_QUANTILE_FIXED_BUCKETS: "APPROX_QUANTILE_FIXED_BUCKETS(m1, 0.5, 20, 0, 10, 'clip')",
  TDIGEST_QUANTILE: 'TDIGEST_QUANTILE(m1, 0.5, 64)',
  TDIGEST_GENERATE_SKETCH: 'TDIGEST_GENERATE_SKETCH(m1, 64)',
  ARRAY_AGG: 'ARRAY_AGG(dim1, 100)',
  ARRAY_CONCAT_AGG: 'ARRAY_CONCAT_AGG(DISTINCT dim3)',
  STRING_AGG: "STRING_AGG(dim1, ',', 100)",
  LISTAGG: "LISTAGG(DISTINCT dim1, ',')",
  APPROX_HEAVY_HITTERS: 'APPROX_HEAVY_HITTERS(dim1, 0.1, 0.01)',
  COUNT_MIN_HEAVY_HITTERS: 'COUNT_MIN_HEAVY_HITTERS(dim1, 0.1, 64, 2)',
  BLOOM_FILTER: 'BLOOM_FILTER(dim1, 100)',
  BLOOM_FILTER_TEST: `BLOOM_FILTER_TEST(dim1, '${Buffer.from([4, 0, 0, 0, 8, ...new Uint8Array(64)]).toString('base64')}')`,
  COMPLEX_DECODE_BASE64: "COMPLEX_DECODE_BASE64('HLLSketch', dim1)",
  DECODE_BASE64_COMPLEX: "DECODE_BASE64_COMPLEX('thetaSketch', dim1)",
  LOOKUP: "LOOKUP(dim1, 'country', 'elsewhere')",
  TIME_PARSE: "TIME_PARSE(dim1, 'yyyy-MM', 'Europe/Berlin')",
  TIME_FORMAT: "TIME_FORMAT(__time, 'yyyy-MM', 'Europe/Berlin')",
};

const sample = (name: string, parameters: readonly Parameter[]): string =>
  CALLS[name] ??
  `${name}(${parameters.map(({ kind, constant }) => ARGUMENTS[kind][constant ? 1 : 0]).join(', ')})`;

/** Plans a statement that uses the function, and reads the native parts as the engine would. */
async function check(item: string): Promise<void> {
  const { plans } = await engine.explain({
    query: `SELECT ${item} FROM foo GROUP BY dim1, dim3, cnt, m1, __time`,
  });
  const {
    virtualColumns = [],
    aggregations,
    postAggregations = [],
  } = plans[0]!.query as {
    virtualColumns?: { expression: string }[];
    aggregations: unknown[];
    postAggregations?: { expression: string }[];
  };
  for (const { expression } of [...virtualColumns, ...postAggregations])
    withLookups(TEST_CATALOG.lookups!(), () => parseExpression(expression));
  for (const [i, aggregation] of aggregations.entries()) {
    parseAggregator(aggregation, `aggregations[${i}]`);
  }
}

const FUNCTIONS = [...SCALAR_FUNCTIONS.values(), ...AGGREGATE_FUNCTIONS.values()];

test.each(FUNCTIONS)('$name', async ({ name, parameters }) => {
  await check(sample(name, parameters));
});

test('every listed function says what it does', () => {
  for (const { name, doc } of FUNCTIONS) {
    expect(doc, name).not.toBe('');
  }
});
