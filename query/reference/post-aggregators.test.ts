import { afterAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { askedTable } from './asking-testing.js';

/** What Druid's reference says of post-aggregators, as a client sees it: the JSON of whole answers. */

const HOUR = 3_600_000;
const T = askedTable({ dimensions: { s: 'STRING', x: 'LONG', d: 'DOUBLE' } }, [
  { __time: 1 * HOUR, s: 'a', x: 1, d: 1.5 },
  { __time: 2 * HOUR, s: 'b', x: 2, d: null },
  { __time: 3 * HOUR, s: 'c', x: 3, d: -2.5 },
  { __time: 4 * HOUR, s: 'a', x: 4, d: 4 },
]);
afterAll(() => T.close());

const of = (type: string, fieldName: string, more: object = {}) => ({ type, fieldName, ...more });
const onlyA = (aggregator: object) => ({
  type: 'filtered',
  filter: { type: 'selector', dimension: 's', value: 'a' },
  aggregator,
});
const BUCKETS = { lowerLimit: 0, upperLimit: 4, numBuckets: 2, outlierHandlingMode: 'overflow' };

/** What is asked of, by name. */
const AGGREGATORS: Readonly<Record<string, object>> = {
  count: { type: 'count' },
  sum: of('doubleSum', 'd'),
  null: of('longSum', 'gone'),
  text: of('stringFirst', 's'),
  unique: of('hyperUnique', 's'),
  rounded: of('hyperUnique', 's', { round: true }),
  cardinality: { type: 'cardinality', fields: ['s'], round: true },
  hll: of('HLLSketchBuild', 's'),
  theta: of('thetaSketch', 's'),
  thetaA: onlyA(of('thetaSketch', 's')),
  quantiles: of('quantilesDoublesSketch', 'x'),
  kll: of('KllDoublesSketch', 'x'),
  floats: of('KllFloatsSketch', 'd'),
  tuple: of('arrayOfDoublesSketch', 's', { metricColumns: ['x', 'd'] }),
  tupleX: of('arrayOfDoublesSketch', 's', { metricColumns: ['x'] }),
  tupleA: onlyA(of('arrayOfDoublesSketch', 's', { metricColumns: ['x'] })),
  bins: of('approxHistogram', 'x'),
  buckets: of('fixedBucketsHistogram', 'd', BUCKETS),
  variance: of('variance', 'x'),
  spectator: of('spectatorHistogram', 'x'),
  digest: of('tDigestSketch', 'x'),
  moments: of('momentSketch', 'x', { compress: false }),
};

/** The names of the aggregators that a post-aggregator reads. */
function namesIn(json: unknown): string[] {
  if (typeof json !== 'object' || json === null) return [];
  const { fieldName, ...others } = json as { fieldName?: string };
  const inner = Object.values(others).flatMap(namesIn);
  return fieldName === undefined ? inner : [fieldName, ...inner];
}

/** The JSON of a post-aggregator `p` over all rows, or over none. */
async function shown(post: object, over: 'rows' | 'nothing' = 'rows'): Promise<string> {
  const names = new Set([...namesIn(post), 'count']);
  const aggregations = [...names].flatMap((name) => {
    const spec = AGGREGATORS[name];
    if (spec === undefined) return [];
    return 'aggregator' in spec ? [{ ...spec, name }] : [{ ...spec, name }];
  });
  const answer = await T.text({
    queryType: 'timeseries',
    granularity: 'all',
    aggregations,
    postAggregations: [{ name: 'p', ...post }],
    ...(over === 'nothing' && { filter: { type: 'false' } }),
  });
  return /"p":(.*)\}\}\]$/s.exec(answer)![1]!;
}

const access = (fieldName: string) => ({ type: 'fieldAccess', fieldName });
const constant = (value: unknown) => ({ type: 'constant', value });
const arithmetic = (fn: string, ...fields: object[]) => ({ type: 'arithmetic', fn, fields });
const asking = (type: string, name: string, more: object = {}) => ({
  type,
  field: access(name),
  ...more,
});

describe('arithmetic', () => {
  test.each<[post: object, answer: string]>([
    [arithmetic('+', access('count'), constant(1), access('sum')), '8.0'],
    [arithmetic('-', access('count'), constant(1), constant(2)), '1.0'],
    [arithmetic('*', access('count'), constant(0.5)), '2.0'],
    [arithmetic('/', access('count'), constant(8)), '0.5'],
    [arithmetic('/', access('count'), constant(0)), '0.0'],
    [arithmetic('/', constant(0), constant(0)), '0.0'],
    [arithmetic('quotient', access('count'), constant(0)), '"Infinity"'],
    [arithmetic('quotient', constant(-1), constant(0)), '"-Infinity"'],
    [arithmetic('quotient', constant(0), constant(0)), '"NaN"'],
    [arithmetic('pow', constant(2), constant(0.5)), '1.4142135623730951'],
    [arithmetic('+', access('count'), access('null')), 'null'],
    [arithmetic('/', access('null'), constant(0)), 'null'],
    // A sketch counts as its estimate.
    [arithmetic('*', access('theta'), constant(2)), '6.0'],
    [arithmetic('+', arithmetic('*', access('count'), constant(2)), access('quantiles')), '12.0'],
  ])('%j is %s', async (post, answer) => {
    expect(await shown(post)).toBe(answer);
  });

  test.each<[post: object, says: string]>([
    [arithmetic('+', access('count')), 'postAggregations[0].fields: want at least two fields'],
    [arithmetic('%', access('count'), constant(1)), 'postAggregations[0].fn: want one of'],
    [
      { ...arithmetic('+', constant(1), constant(2)), ordering: 'x' },
      'postAggregations[0].ordering',
    ],
    [
      arithmetic('+', access('count'), access('gone')),
      'Missing fields [gone] for postAggregator [p]',
    ],
  ])('%j is refused', async (post, says) => {
    await expect(shown(post)).rejects.toThrow(says);
  });

  test('ordering decides where a limit cuts: NaN the largest, or behind finite numbers', async () => {
    const quotient = {
      ...arithmetic('quotient', { ...access('x') }, { ...access('zero') }),
      name: 'p',
    };
    const first = (ordering: string | null, direction: string) =>
      T.json({
        queryType: 'groupBy',
        granularity: 'all',
        dimensions: ['s'],
        aggregations: [
          { type: 'longSum', name: 'x', expression: "case_simple(s, 'a', 0, 'b', -1, 5)" },
          { type: 'longSum', name: 'zero', expression: "if(s == 'c', 1, 0)" },
        ],
        postAggregations: [{ ...quotient, ordering }],
        limitSpec: { type: 'default', limit: 3, columns: [{ dimension: 'p', direction }] },
      }).then((rows) => (rows as { event: { p: unknown } }[]).map(({ event }) => event.p));
    expect(await first(null, 'ascending')).toEqual(['-Infinity', 5, 'NaN']);
    expect(await first('numericFirst', 'ascending')).toEqual([5, 'NaN', '-Infinity']);
    expect(await first('numericFirst', 'descending')).toEqual(['-Infinity', 'NaN', 5]);
  });
});

describe('access, constants, the greatest and the least', () => {
  test.each<[post: object, answer: string | RegExp]>([
    [access('count'), '4'],
    [access('sum'), '3.0'],
    [access('text'), '{"lhs":3600000,"rhs":"a"}'],
    [access('theta'), /^"A[A-Za-z0-9+/]+=*"$/],
    [{ type: 'finalizingFieldAccess', fieldName: 'text' }, '"a"'],
    [{ type: 'finalizingFieldAccess', fieldName: 'theta' }, '3.0'],
    [constant(7), '7'],
    [constant(1.5), '1.5'],
    [constant('text'), '"text"'],
    [{ type: 'doubleGreatest', fields: [access('count'), access('null'), constant(2)] }, '4.0'],
    [{ type: 'doubleLeast', fields: [access('count'), access('sum')] }, '3.0'],
    [{ type: 'longGreatest', fields: [access('null'), constant(7.9)] }, '7'],
    [{ type: 'longLeast', fields: [access('count'), access('null')] }, '4'],
    [{ type: 'longLeast', fields: [access('null')] }, 'null'],
    [{ type: 'hyperUniqueCardinality', fieldName: 'unique' }, /^3\.\d+$/],
    [{ type: 'hyperUniqueCardinality', fieldName: 'rounded' }, '3'],
    [{ type: 'hyperUniqueCardinality', fieldName: 'cardinality' }, '3'],
  ])('%j is %s', async (post, answer) => {
    if (typeof answer === 'string') expect(await shown(post)).toBe(answer);
    else expect(await shown(post)).toMatch(answer);
  });

  test.each<[post: object, says: string]>([
    [{ ...access('gone') }, 'Missing fields [gone] for postAggregator [p]'],
    [{ type: 'hyperUniqueCardinality', fieldName: 'gone' }, 'Missing fields [gone]'],
    [constant(null), 'postAggregations[0].value: want a number or a text; got null'],
    [{ ...access('count'), name: 'count' }, '[count] already defined'],
    [{ ...constant(1), name: '__time' }, '"__time" is the time of the bucket'],
    [{ ...constant(1), name: null }, 'postAggregations[0].name: must be given'],
    [{ type: 'doubleLeast', fields: [] }, 'postAggregations[0].fields: want at least one field'],
    [{ type: 'javascript' }, 'code of users never runs in the server'],
  ])('%j is refused', async (post, says) => {
    await expect(shown(post)).rejects.toThrow(says);
  });

  test('one reads those before it, none those after it', async () => {
    const next = { ...arithmetic('+', access('count'), constant(1)), name: 'next' };
    const twice = { ...arithmetic('*', access('next'), constant(2)), name: 'twice' };
    const both = { type: 'expression', name: 'both', expression: 'next + twice' };
    const count = [{ type: 'count', name: 'count' }];
    expect(await T.total(count, [next, twice, both])).toBe(
      '{"count":4,"next":5.0,"twice":10.0,"both":15.0}',
    );
    await expect(T.total(count, [twice, next])).rejects.toThrow(
      'Missing fields [next] for postAggregator [twice]',
    );
  });
});

describe('expression', () => {
  test.each<[post: JsonObject, answer: string]>([
    [{ expression: 'count + sum' }, '7.0'],
    [{ expression: 'count / 3' }, '1'],
    [{ expression: 'count / 3', outputType: 'DOUBLE' }, '1.0'],
    [{ expression: 'count', outputType: 'STRING' }, '"4"'],
    [{ expression: "concat(text, '!')" }, '"a!"'],
    [{ expression: 'theta * 2' }, '6.0'],
    [{ expression: 'rounded' }, '3'],
    [{ expression: 'array(count, 2)' }, '[4,2]'],
    [{ expression: 'array(sum)' }, '[3.0]'],
    [{ expression: '"null" + 1' }, 'null'],
    [{ expression: 'nvl("null", 5)' }, '5'],
    [{ expression: '__time' }, '3600000'],
  ])('%j is %s', async (post, answer) => {
    const names = ['count', 'sum', 'text', 'theta', 'rounded', 'null'];
    const aggregations = names.map((name) => ({ ...AGGREGATORS[name], name }));
    const total = await T.total(aggregations, [{ type: 'expression', name: 'p', ...post }]);
    expect(total.slice(total.indexOf('"p":') + 4, -1)).toBe(answer);
  });

  test('of a name that is nowhere is refused', async () => {
    const post = { type: 'expression', expression: 'nowhere + 1' };
    await expect(shown(post)).rejects.toThrow('Missing fields [nowhere]');
  });
});

/** Over the rows, and over none: sketches are empty then, not null. */
const SKETCHES: readonly [post: object, answer: string, ofNothing: string][] = [
  [asking('HLLSketchEstimate', 'hll'), '3.000000014901161', '0.0'],
  [asking('HLLSketchToEstimate', 'hll', { round: true }), '3', '0'],
  [
    asking('HLLSketchEstimateWithBounds', 'hll'),
    '[3.000000014901161,3.0,3.0001498026537594]',
    '[0.0,0.0,0.0]',
  ],
  [asking('thetaSketchEstimate', 'theta'), '3.0', '0.0'],
  [
    asking('thetaSketchEstimate', 'theta', { errorBoundsStdDev: 2 }),
    '{"estimate":3.0,"highBound":3.0,"lowBound":3.0,"numStdDev":2}',
    '{"estimate":0.0,"highBound":0.0,"lowBound":0.0,"numStdDev":2}',
  ],
  ...['UNION', 'INTERSECT', 'NOT'].map((func, i): [object, string, string] => [
    {
      type: 'thetaSketchEstimate',
      field: { type: 'thetaSketchSetOp', func, fields: [access('theta'), access('thetaA')] },
    },
    ['3.0', '1.0', '2.0'][i]!,
    '0.0',
  ]),
  ...['quantiles', 'kll'].flatMap((name): [object, string, string][] => {
    const kind = name === 'kll' ? 'KllDoublesSketch' : 'quantilesDoublesSketch';
    const to = (what: string, more: object) => asking(`${kind}To${what}`, name, more);
    return [
      [to('Quantile', { fraction: 0.5 }), '3.0', '"NaN"'],
      [to('Quantiles', { fractions: [0, 0.5, 1] }), '[1.0,3.0,4.0]', '["NaN","NaN","NaN"]'],
      [to('Quantiles', { fractions: [] }), '[]', '[]'],
      // The bin of a split point begins with it.
      [to('Histogram', { splitPoints: [2, 3] }), '[1.0,1.0,2.0]', '["NaN","NaN","NaN"]'],
      [to('Histogram', { splitPoints: [] }), '[4.0]', '["NaN"]'],
      [to('Histogram', { numBins: 3 }), '[1.0,1.0,2.0]', '["NaN","NaN","NaN"]'],
      [to('CDF', { splitPoints: [2, 3] }), '[0.25,0.5,1.0]', '["NaN","NaN","NaN"]'],
      // Less than, not at most.
      [to('Rank', { value: 2 }), '0.25', '"NaN"'],
      [to('Rank', { value: 99 }), '1.0', '"NaN"'],
    ];
  }),
  [
    asking('KllFloatsSketchToQuantiles', 'floats', { fractions: [0, 1] }),
    '[-2.5,4.0]',
    '["NaN","NaN"]',
  ],
  [asking('arrayOfDoublesSketchToEstimate', 'tuple'), '2.0', '0.0'],
  [
    asking('arrayOfDoublesSketchToEstimateAndBounds', 'tupleX', { numStdDevs: 2 }),
    '[3.0,3.0,3.0]',
    '[0.0,0.0,0.0]',
  ],
  [asking('arrayOfDoublesSketchToNumEntries', 'tupleX'), '3', '0'],
  [asking('arrayOfDoublesSketchToMeans', 'tuple'), '[4.0,1.5]', '["NaN","NaN"]'],
  [asking('arrayOfDoublesSketchToVariances', 'tuple'), '[2.0,32.0]', '["NaN","NaN"]'],
  [asking('arrayOfDoublesSketchToMetricsSumEstimate', 'tuple'), '[8.0,3.0]', '[0.0,0.0]'],
  [
    {
      type: 'quantilesDoublesSketchToQuantiles',
      fractions: [0, 1],
      field: asking('arrayOfDoublesSketchToQuantilesSketch', 'tuple', { column: 2 }),
    },
    '[-2.5,5.5]',
    '["NaN","NaN"]',
  ],
  ...['UNION', 'INTERSECT', 'NOT'].map((operation, i): [object, string, string] => [
    {
      type: 'arrayOfDoublesSketchToMetricsSumEstimate',
      field: {
        type: 'arrayOfDoublesSketchSetOp',
        operation,
        fields: [access('tupleX'), access('tupleA')],
      },
    },
    ['[15.0]', '[10.0]', '[5.0]'][i]!,
    '[0.0]',
  ]),
  [
    { type: 'arrayOfDoublesSketchTTest', fields: [access('tupleX'), access('tupleX')] },
    '[1.0]',
    '["NaN"]',
  ],
  [of('quantile', 'bins', { probability: 0.5 }), '2.0', '"NaN"'],
  [
    of('quantiles', 'buckets', { probabilities: [0.5] }),
    '{"probabilities":[0.5],"quantiles":[2.0],"min":1.5,"max":4.0}',
    '{"probabilities":[0.5],"quantiles":[0.0],"min":"Infinity","max":"-Infinity"}',
  ],
  [of('min', 'bins'), '1.0', '"Infinity"'],
  [of('max', 'buckets'), '4.0', '"-Infinity"'],
  [
    of('equalBuckets', 'bins', { numBuckets: 2 }),
    '{"breaks":[-2.0,1.0,4.0],"counts":[1.0,3.0]}',
    '{"breaks":[],"counts":[]}',
  ],
  [
    of('buckets', 'bins', { bucketSize: 2, offset: 0 }),
    '{"breaks":[0.0,2.0,4.0],"counts":[2.0,2.0]}',
    '{"breaks":[],"counts":[]}',
  ],
  [
    of('customBuckets', 'bins', { breaks: [0, 2, 4] }),
    '{"breaks":[0.0,2.0,4.0],"counts":[2.0,2.0]}',
    '{"breaks":[0.0,2.0,4.0],"counts":[0.0,0.0]}',
  ],
  [of('stddev', 'variance'), '1.2909944487358056', 'null'],
  [of('stddev', 'variance', { estimator: 'population' }), '1.118033988749895', 'null'],
  [access('spectator'), '{"1":1,"2":1,"3":1,"4":1}', '{}'],
  [{ type: 'finalizingFieldAccess', fieldName: 'spectator' }, '4', '0'],
  [asking('percentileSpectatorHistogram', 'spectator', { percentile: 50 }), '3.0', '"NaN"'],
  [
    asking('percentilesSpectatorHistogram', 'spectator', { percentiles: [100, 25] }),
    '[5.0,2.0]',
    '["NaN","NaN"]',
  ],
  [asking('countSpectatorHistogram', 'spectator'), '4', '0'],
  [asking('quantileFromTDigestSketch', 'digest', { fraction: 0.5 }), '2.5', '"NaN"'],
  [
    asking('quantilesFromTDigestSketch', 'digest', { fractions: [0, 0.5, 1] }),
    '[1.0,2.5,4.0]',
    '["NaN","NaN","NaN"]',
  ],
  [
    asking('momentSketchSolveQuantiles', 'moments', { fractions: [0, 1] }),
    '[1.0,4.0]',
    '["NaN","NaN"]',
  ],
  [asking('momentSketchMin', 'moments'), '1.0', '"Infinity"'],
  [asking('momentSketchMax', 'moments'), '4.0', '"-Infinity"'],
];

test.each(SKETCHES)('%j is %s, of no rows %s', async (post, answer, ofNothing) => {
  expect(await shown(post)).toBe(answer);
  expect(await shown(post, 'nothing')).toBe(ofNothing);
});

test('two proportions', async () => {
  const zScore = {
    type: 'zscore2sample',
    successCount1: constant(300),
    sample1Size: constant(500),
    successCount2: constant(450),
    sample2Size: constant(600),
  };
  expect(Number(await shown(zScore))).toBeCloseTo(-5.33, 2);
  expect(Number(await shown({ type: 'pvalue2tailedZtest', zScore }))).toBeCloseTo(9.9e-8, 8);
});

test('sketches that a query shows come back as constants', async () => {
  const theta = JSON.parse(await shown(access('theta'))) as string;
  const field = { type: 'thetaSketchConstant', value: theta };
  expect(await shown({ type: 'thetaSketchEstimate', field })).toBe('3.0');
  const tuple = JSON.parse(await shown(asking('arrayOfDoublesSketchToBase64String', 'tupleX')));
  const read = { type: 'arrayOfDoublesSketchConstant', value: tuple as string };
  expect(await shown({ type: 'arrayOfDoublesSketchToEstimate', field: read })).toBe('3.0');
});

test.each<[post: object, says: string]>([
  [asking('HLLSketchEstimateWithBounds', 'hll', { numStdDev: 0 }), 'numStdDev: want 1 to 3'],
  [
    asking('thetaSketchEstimate', 'theta', { errorBoundsStdDev: 4 }),
    'errorBoundsStdDev: want 1 to 3',
  ],
  [asking('thetaSketchEstimate', 'hll'), 'postAggregations[0].field: want a theta sketch'],
  [asking('quantilesDoublesSketchToQuantile', 'quantiles'), 'fraction: want a number'],
  [asking('quantilesDoublesSketchToCDF', 'quantiles'), 'splitPoints: want a list of numbers'],
  [
    asking('arrayOfDoublesSketchToQuantilesSketch', 'tupleX', { column: 2 }),
    'column: want 1 to 1; got 2',
  ],
  [
    { type: 'thetaSketchSetOp', func: 'union', fields: [access('theta'), access('theta')] },
    'func: want one of UNION, INTERSECT, NOT',
  ],
  [{ type: 'thetaSketchSetOp', func: 'UNION', fields: [access('theta')] }, 'want at least two'],
  [of('equalBuckets', 'buckets', { numBuckets: 2 }), 'want an approximate histogram'],
  [of('quantile', 'bins', { probability: 1 }), 'probability: want a fraction between 0 and 1'],
])('%j is refused', async (post, says) => {
  await expect(shown(post)).rejects.toThrow(says);
});
