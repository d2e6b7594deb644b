import { afterAll, describe, expect, test } from 'vitest';
import { type JsonObject, LONG_MAX, LONG_MIN } from '../../core/index.js';
import { askedTable } from './asking-testing.js';

/** What Druid's reference says of aggregators, as a client sees it: the JSON of whole answers. */

const HOUR = 3_600_000;
const T = askedTable(
  {
    dimensions: {
      s: 'STRING',
      m: 'STRING',
      l: 'LONG',
      d: 'DOUBLE',
      f: 'FLOAT',
      at: 'LONG',
      none: 'LONG',
    },
  },
  [
    { __time: 1 * HOUR, s: '1', m: ['7', '8'], l: LONG_MAX, d: 1.5, f: 0.1, at: 30 },
    { __time: 2 * HOUR, s: 'x', m: '9', l: 1, d: null, f: 0.2, at: null },
    { __time: 3 * HOUR, s: null, m: null, l: null, d: -2.5, f: null, at: 10 },
    { __time: 4 * HOUR, s: ' 2.7 ', m: ['a', '7'], l: 2, d: 4, f: 16_777_216, at: 20 },
  ],
);
afterAll(() => T.close());

const sumOf = (type: string, ...columns: string[]) =>
  columns.map((fieldName) => ({ type, name: fieldName, fieldName }));

test.each<[type: string, columns: string[], answer: string]>([
  // LONG wraps at 64 bits; decimals lose their fraction; texts that spell no number, and columns that are not there, are null.
  ['longSum', ['l', 'd', 's', 'none'], '{"l":-9223372036854775806,"d":3,"s":3,"none":null}'],
  ['longMin', ['l', 'd', 's', 'gone'], '{"l":1,"d":-2,"s":1,"gone":null}'],
  ['longMax', ['l', 'd', 's', 'none'], '{"l":9223372036854775807,"d":4,"s":2,"none":null}'],
  ['doubleSum', ['d', 's', 'none'], '{"d":3.0,"s":3.7,"none":null}'],
  ['doubleMin', ['l', 'd', 'f'], '{"l":1.0,"d":-2.5,"f":0.10000000149011612}'],
  ['doubleMax', ['l', 'd', 'gone'], '{"l":9.223372036854776E18,"d":4.0,"gone":null}'],
  ['floatSum', ['d', 'f', 's'], '{"d":3.0,"f":1.6777216E7,"s":3.7}'],
  ['floatMin', ['f', 'd'], '{"f":0.1,"d":-2.5}'],
  ['floatMax', ['f', 'l'], '{"f":1.6777216E7,"l":9.223372E18}'],
  ['doubleMean', ['d', 's', 'none', 'gone'], '{"d":1.0,"s":1.85,"none":null,"gone":null}'],
])('%s of %j', async (type, columns, answer) => {
  expect(await T.total(sumOf(type, ...columns))).toBe(answer);
});

test('of an expression instead of a column, as wide as the aggregator; exactly one of the two', async () => {
  const total = (spec: JsonObject) => T.total([{ name: 'a', ...spec }]);
  expect(await total({ type: 'longSum', expression: 'd + 0.4' })).toBe('{"a":3}');
  expect(await total({ type: 'doubleSum', expression: 'd + 0.5' })).toBe('{"a":4.5}');
  expect(await total({ type: 'doubleMax', expression: "if(s == 'x', 3, null)" })).toBe('{"a":3.0}');
  const both = total({ type: 'longSum', fieldName: 'l', expression: 'l' });
  await expect(both).rejects.toThrow('aggregations[0].fieldName: want exactly one of');
  await expect(total({ type: 'longSum' })).rejects.toThrow('want exactly one of');
});

describe('of no rows', () => {
  const named = (type: string, more: object = {}) => ({
    type,
    name: type,
    fieldName: 'l',
    ...more,
  });
  const LIMITS = { lowerLimit: 0, upperLimit: 1, numBuckets: 1 };
  test.each<[spec: { type: string }, shown: string]>([
    [named('count'), '0'],
    ...['Sum', 'Min', 'Max', 'First', 'Last', 'Any'].flatMap((which) =>
      ['long', 'double', 'float'].map((type): [{ type: string }, string] => [
        named(`${type}${which}`),
        'null',
      ]),
    ),
    [named('stringFirst'), 'null'],
    [named('stringLast'), 'null'],
    [named('stringAny'), 'null'],
    [named('doubleMean'), 'null'],
    [named('hyperUnique'), '0.0'],
    [named('hyperUnique', { round: true }), '0'],
    [named('cardinality', { fields: ['s'] }), '0.0'],
    [named('cardinality', { fields: ['s'], byRow: true, round: true }), '0'],
    [named('thetaSketch'), '0.0'],
    [
      named('thetaSketch', { errorBoundsStdDev: 2 }),
      '{"estimate":0.0,"highBound":0.0,"lowBound":0.0,"numStdDev":2}',
    ],
    [named('HLLSketchBuild'), '0.0'],
    [named('HLLSketchMerge', { round: true }), '0'],
    [named('quantilesDoublesSketch'), '0'],
    [named('KllDoublesSketch'), '0'],
    [named('KllFloatsSketch'), '0'],
    [named('arrayOfDoublesSketch', { metricColumns: ['d'] }), '0.0'],
    [named('approxHistogram'), '{"breaks":[],"counts":[]}'],
    [
      named('fixedBucketsHistogram', LIMITS),
      '{"lowerLimit":0.0,"upperLimit":1.0,"numBuckets":1,"outlierHandlingMode":"ignore","count":0,"lowerOutlierCount":0,"upperOutlierCount":0,"missingValueCount":0,"max":"-Infinity","min":"Infinity","histogram":[0]}',
    ],
    [
      named('histogram', { breaks: [0, 1] }),
      '{"breaks":[0.0,1.0],"counts":[0.0],"quantiles":["Infinity","-Infinity"]}',
    ],
    [named('variance'), 'null'],
    [named('distinctCount'), '0'],
    [named('spectatorHistogram'), '0'],
    [named('spectatorHistogramTimer'), '0'],
    [named('timeMin'), 'null'],
    [named('timeMax'), 'null'],
    [named('compressedBigDecimalSum'), 'null'],
    [named('singleValue', { columnType: 'LONG' }), 'null'],
    [named('grouping', { groupings: ['s'] }), '0'],
    [named('expression', { fields: ['l'], fold: '__acc + l', initialValue: '0' }), 'null'],
    [
      named('expression', {
        fields: ['l'],
        fold: '__acc + l',
        initialValue: '7',
        initialCombineValue: '0',
        isNullUnlessAggregated: false,
      }),
      '7',
    ],
  ])('%j', async (spec, shown) => {
    const none = { type: 'filtered', filter: { type: 'false' }, aggregator: spec };
    if (spec.type !== 'grouping') expect(await T.total([none])).toBe(`{"${spec.type}":${shown}}`);
    const answer = await T.text({
      queryType: 'timeseries',
      granularity: 'all',
      filter: { type: 'false' },
      aggregations: [spec],
    });
    expect(answer).toContain(`"result":{"${spec.type}":${shown}}`);
  });
});

describe('first, last and any', () => {
  test('the value of the row at the time, null or not, in the type of the aggregator', async () => {
    const firsts = ['longFirst', 'doubleFirst', 'floatFirst', 'stringFirst'];
    const of = (fieldName: string, types: string[]) =>
      T.total(types.map((type) => ({ type, name: type, fieldName })));
    expect(await of('d', firsts)).toBe(
      '{"longFirst":1,"doubleFirst":1.5,"floatFirst":1.5,"stringFirst":"1.5"}',
    );
    expect(await of('s', ['longLast', 'doubleLast', 'stringLast'])).toBe(
      '{"longLast":2,"doubleLast":2.7,"stringLast":" 2.7 "}',
    );
    expect(await of('gone', firsts)).toBe(
      '{"longFirst":null,"doubleFirst":null,"floatFirst":null,"stringFirst":null}',
    );
    const third = { type: 'interval', dimension: '__time', intervals: ['1970-01-01T02/PT1H30M'] };
    expect(
      await T.total([
        {
          type: 'filtered',
          filter: third,
          aggregator: { type: 'longLast', name: 'l', fieldName: 'l' },
        },
        {
          type: 'filtered',
          filter: third,
          aggregator: { type: 'longAny', name: 'any', fieldName: 'l' },
        },
      ]),
    ).toBe('{"l":null,"any":1}');
  });

  test('by another column of times, rows without one left out', async () => {
    const by = (type: string, name: string, timeColumn = 'at') => ({
      type,
      name,
      fieldName: 's',
      timeColumn,
    });
    expect(
      await T.total([by('stringFirst', 'a'), by('stringLast', 'b'), by('stringLast', 'c', 'gone')]),
    ).toBe('{"a":null,"b":"1","c":null}');
  });

  test('a list is one text; texts are cut to bytes', async () => {
    expect(
      await T.total([
        { type: 'stringFirst', name: 'a', fieldName: 'm' },
        { type: 'stringLast', name: 'b', fieldName: 'm', maxStringBytes: 3 },
        { type: 'stringAny', name: 'c', fieldName: 'm' },
        { type: 'stringAny', name: 'd', fieldName: 'm', aggregateMultipleValues: false },
      ]),
    ).toBe('{"a":"[7, 8]","b":"[a,","c":"[7, 8]","d":"7"}');
  });
});

test('not finalised: pairs of time and value, sketches in base64, numbers as they are', async () => {
  const aggregations = [
    { type: 'count', name: 'count' },
    { type: 'stringFirst', name: 's', fieldName: 's' },
    { type: 'longFirst', name: 'l', fieldName: 'l' },
    { type: 'doubleLast', name: 'd', fieldName: 'd' },
    { type: 'floatLast', name: 'f', fieldName: 'f' },
    { type: 'doubleMean', name: 'mean', fieldName: 'd' },
    { type: 'quantilesDoublesSketch', name: 'q', fieldName: 'gone' },
    { type: 'timeMax', name: 'max', fieldName: 'at' },
  ];
  const answer = await T.text({
    queryType: 'timeseries',
    granularity: 'all',
    aggregations,
    context: { finalize: false },
  });
  expect(answer).toContain(
    '{"count":4,"s":{"lhs":3600000,"rhs":"1"},"l":{"lhs":3600000,"rhs":9223372036854775807},"d":{"lhs":14400000,"rhs":4.0},"f":{"lhs":14400000,"rhs":1.6777216E7},"mean":{"sum":3.0,"count":3},"q":"AQMIHoAAAAA=","max":30}',
  );
});

test('filtered: rows that match count, by a name of its own or that of the inner one', async () => {
  const aggregator = { type: 'longSum', name: 'inner', fieldName: 'at' };
  const bound = { type: 'bound', dimension: 'at', lower: '20', ordering: 'numeric' };
  const isNull = { type: 'selector', dimension: 's', value: null };
  const unknown = { type: 'not', field: { type: 'selector', dimension: 's', value: 'x' } };
  expect(
    await T.total([
      { type: 'filtered', name: 'outer', filter: bound, aggregator },
      { type: 'filtered', filter: isNull, aggregator },
      { type: 'filtered', filter: { type: 'false' }, aggregator: { type: 'count', name: 'none' } },
      // Three-valued: null is neither x nor not x.
      { type: 'filtered', name: 'not', filter: unknown, aggregator: { type: 'count' } },
      {
        type: 'filtered',
        name: 'twice',
        filter: unknown,
        aggregator: { type: 'filtered', filter: bound, aggregator: { type: 'count' } },
      },
    ]),
  ).toBe('{"outer":50,"inner":10,"none":0,"not":2,"twice":2}');
  for (const [spec, says] of [
    [{ aggregator }, 'aggregations[0].filter: want an object'],
    [{ filter: bound }, 'aggregations[0].aggregator: want an object'],
  ] as const) {
    await expect(T.total([{ type: 'filtered', ...spec }])).rejects.toThrow(says);
  }
});

describe('cardinality', () => {
  test.each<[fields: unknown[], byValue: number, byRow: number]>([
    [['s'], 3, 4],
    [['m'], 4, 4],
    [['s', 'm'], 7, 4],
    [['none'], 0, 1],
    [['gone'], 0, 1],
    [['at', 'none'], 3, 4],
    [[{ type: 'default', dimension: 's', outputName: 'anything' }], 3, 4],
    [
      [
        {
          type: 'extraction',
          dimension: 'm',
          extractionFn: { type: 'substring', index: 1 },
        },
      ],
      0,
      // Two nulls are another row than one.
      2,
    ],
  ])('of %j: values without null, rows with it', async (fields, byValue, byRow) => {
    const of = (isByRow: boolean, key: string) =>
      T.total([{ type: 'cardinality', name: 'n', [key]: fields, byRow: isByRow, round: true }]);
    expect(await of(false, 'fields')).toBe(`{"n":${byValue}}`);
    expect(await of(true, 'fields')).toBe(`{"n":${byRow}}`);
    expect(await of(false, 'fieldNames')).toBe(`{"n":${byValue}}`);
  });

  test('an estimate is a double, a rounded one a long', async () => {
    const cardinality = { type: 'cardinality', name: 'c', fields: ['s'] };
    const unique = { type: 'hyperUnique', name: 'u', fieldName: 's' };
    const round = (spec: JsonObject, name: string) => ({ ...spec, name, round: true });
    const answer = await T.total([
      cardinality,
      unique,
      round(cardinality, 'a'),
      round(unique, 'b'),
    ]);
    expect(answer).toMatch(/^\{"c":3\.\d+,"u":3\.\d+,"a":3,"b":3\}$/);
  });
});

describe('expression', () => {
  const total = (spec: JsonObject) => T.total([{ type: 'expression', name: 'a', ...spec }]);

  test('combine is fold, with the name in the place of the one field, unless told', async () => {
    const sum = { fields: ['at'], initialValue: '0', fold: '__acc + nvl(at, 0)' };
    expect(await total(sum)).toBe('{"a":60}');
    expect(await total({ ...sum, finalize: 'o / 7.0' })).toBe('{"a":8.571428571428571}');
    const named = { accumulatorIdentifier: 'so_far', fold: 'so_far + nvl(at, 0)' };
    expect(await total({ ...sum, ...named })).toBe('{"a":60}');
    const two = { fields: ['at', 'l'], initialValue: '0', fold: '__acc + 1' };
    await expect(total(two)).rejects.toThrow('combine');
    expect(await total({ ...two, combine: '__acc + a' })).toBe('{"a":4}');
    expect(await total({ initialValue: '0', fold: '__acc + 1', combine: '__acc + a' })).toBe(
      '{"a":4}',
    );
  });

  test('what ARRAY_AGG compiles to', async () => {
    const set = {
      fields: ['m'],
      initialValue: 'ARRAY<STRING>[]',
      initialCombineValue: 'ARRAY<STRING>[]',
      fold: 'array_set_add(__acc, m)',
      combine: 'array_set_add_all(__acc, a)',
      finalize: "if(array_length(o) == 0, null, array_to_string(o, '|'))",
    };
    expect(await total({ ...set, shouldAggregateNullInputs: false })).toBe('{"a":"a|7|8|9"}');
  });

  test.each<[more: JsonObject, says: string]>([
    [{ fold: undefined }, 'aggregations[0].fold: must be given'],
    [{ initialValue: undefined }, 'aggregations[0].initialValue: must be given'],
    [{ initialValue: 'at' }, 'aggregations[0].initialValue'],
    [{ maxSizeBytes: 9 }, 'aggregations[0].maxSizeBytes'],
    [{ fold: 'concat(__acc, s)', initialValue: "'0123456789'", maxSizeBytes: 10 }, 'maxSizeBytes'],
  ])('%j is refused', async (more, says) => {
    const spec = { fields: ['at'], initialValue: '0', fold: '__acc + 1', ...more };
    await expect(
      total({ ...spec, ...(more.maxSizeBytes === 10 && { fields: ['s'] }) }),
    ).rejects.toThrow(says);
  });
});

test('a single value of several rows is an error; of one it is that', async () => {
  const single = { type: 'singleValue', name: 'v', fieldName: 'l', columnType: 'LONG' };
  await expect(T.total([single])).rejects.toThrow('want a single row');
  const filter = { type: 'selector', dimension: 's', value: 'x' };
  expect(await T.total([{ type: 'filtered', filter, aggregator: single }])).toBe('{"v":1}');
});

describe('rolled up at ingestion', () => {
  const ROLLED = askedTable(
    {
      dimensions: { k: 'STRING' },
      metrics: [
        { type: 'count', name: 'count' },
        { type: 'longSum', name: 'sum', fieldName: 'x' },
        { type: 'longLast', name: 'last', fieldName: 'x', timeColumn: 'at' },
        { type: 'stringFirst', name: 'first', fieldName: 'text', timeColumn: 'at' },
        {
          type: 'filtered',
          name: 'large',
          filter: { type: 'bound', dimension: 'x', lower: '2', ordering: 'numeric' },
          aggregator: { type: 'count', name: 'large' },
        },
      ],
      rollup: true,
    },
    [
      { __time: 0, k: 'a', x: LONG_MIN, at: 5, text: 'late' },
      { __time: 0, k: 'a', x: -1, at: 2, text: 'early' },
      { __time: 0, k: 'b', x: 3, at: 9, text: 'b' },
      { __time: 0, k: 'b', x: 4, at: 9, text: 'c' },
    ],
  );
  afterAll(() => ROLLED.close());

  test('counts of events are sums, and so are those of filtered ones', async () => {
    const sums = ['count', 'sum', 'large'].map((name) => ({
      type: 'longSum',
      name,
      fieldName: name,
    }));
    expect(await ROLLED.total(sums)).toBe('{"count":4,"sum":-9223372036854775802,"large":2}');
  });

  test('stored pairs go by the times they were stored with, whatever timeColumn says', async () => {
    expect(
      await ROLLED.total([
        { type: 'longLast', name: 'l', fieldName: 'last' },
        { type: 'longFirst', name: 'f', fieldName: 'last', timeColumn: 'gone' },
        { type: 'stringFirstFold', name: 'ff', fieldName: 'first' },
        { type: 'stringFirst', name: 's', fieldName: 'first', maxStringBytes: 2 },
      ]),
    ).toMatch(/^\{"l":[34],"f":-9223372036854775808,"ff":"early","s":"early"\}$/);
  });
});

test.each<[spec: unknown, says: string]>([
  [{ type: 'COUNT', name: 'a' }, "Could not resolve type id 'COUNT'"],
  [{ name: 'a' }, "missing type id property 'type'"],
  [{ type: 'count' }, 'aggregations[0].name: must be given'],
  [{ type: 'count', name: '' }, 'aggregations[0].name: must not be empty'],
  [{ type: 'count', name: 5 }, 'aggregations[0].name: must be given, as a text; got 5'],
  [{ type: 'count', name: '__time' }, '"__time" is the time of the bucket'],
  [{ type: 'thetaSketch', name: 'a' }, 'aggregations[0].fieldName: must be given'],
  [{ type: 'javascript', name: 'a' }, 'code of users never runs in the server'],
  [{ type: 'longFirst', name: 'a', fieldName: 'l', maxStringBytes: -1 }, 'maxStringBytes'],
])('%j is refused', async (spec, says) => {
  await expect(T.total([spec as object])).rejects.toThrow(says);
});

test('fields that an aggregator does not know are ignored', async () => {
  expect(await T.total([{ type: 'count', name: 'a', fieldName: 'x', foo: 1 }])).toBe('{"a":4}');
});
