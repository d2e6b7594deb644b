import { afterAll, describe, expect, test } from 'vitest';
import { RealDisk } from '../../core/index.js';
import { InlineExecutor } from '../executor/inline-executor.js';
import { nativeJson } from '../json/native-json.js';
import { parseNativeQuery } from '../native/registry.js';
import { type TestRow, type TestTable, TestTables, testEngine } from '../testing.js';

/** Expressions in queries: over one segment and two, growing and sealed, compiled and interpreted, the answer is the same to the letter. */

const TABLE: TestTable = {
  dimensions: {
    id: 'LONG',
    s: 'STRING',
    tags: 'STRING',
    l: 'LONG',
    big: 'LONG',
    d: 'DOUBLE',
    f: 'FLOAT',
    num: 'STRING',
  },
};
const ROWS: readonly TestRow[] = [
  {
    __time: Date.UTC(2024, 1, 29, 13, 45),
    id: 1,
    s: 'foo',
    tags: ['a', 'b'],
    l: 7,
    big: 2n ** 63n - 1n,
    d: 2.5,
    f: 0.5,
    num: '10',
  },
  {
    __time: Date.UTC(2024, 11, 31, 23),
    id: 2,
    s: 'Bar',
    tags: 'a',
    l: -7,
    big: -(2n ** 63n),
    d: -0.5,
    f: 1.5,
    num: 'x',
  },
  { __time: Date.UTC(2025, 0, 1), id: 3 },
];

const halves = [ROWS.slice(0, 2), ROWS.slice(2)].map((rows) => ({ rows }));
const LAYOUTS = {
  'one segment': new TestTables().add('t', TABLE, [{ rows: ROWS }]),
  'two segments': new TestTables().add('t', TABLE, halves),
  'one file': new TestTables().addSealed('t', TABLE, halves, 1000),
  'two files': new TestTables().addSealed('t', TABLE, halves, 2),
};
afterAll(() => {
  for (const tables of Object.values(LAYOUTS)) tables.close();
});

type Json = Readonly<Record<string, unknown>>;

/** The answer, which all layouts give, with the compiler and without. */
async function ask(query: Json): Promise<string> {
  const context = { ...Object(query.context), forceKernels: true };
  const parsed = parseNativeQuery({ dataSource: 't', intervals: '2000/3000', ...query, context });
  const answers = new Map<string, string>();
  for (const [layout, tables] of Object.entries(LAYOUTS)) {
    for (const isCompiled of [true, false]) {
      const executor = isCompiled
        ? new InlineExecutor(new RealDisk())
        : new InlineExecutor(new RealDisk(), null);
      const result = await testEngine(tables, { executor }).run(parsed);
      const how = `${layout}, ${isCompiled ? 'compiled' : 'interpreted'}`;
      answers.set(how, [...nativeJson(parsed, result)].join('').trim());
    }
  }
  const [first, ...others] = answers;
  for (const other of others) expect(other).toEqual([other[0], first![1]]);
  return first![1];
}

const virtual = (expression: string, outputType?: string) => ({
  virtualColumns: [
    { type: 'expression', name: 'v', expression, ...(outputType && { outputType }) },
  ],
});

/** What a virtual column has in each row, by groupBy: as a dimension, and as the input of a sum where it is a number. */
async function valuesOf(expression: string, outputType: string): Promise<string> {
  const isNumber = ['LONG', 'DOUBLE'].includes(outputType);
  const kind = outputType.toLowerCase();
  const answer = await ask({
    queryType: 'groupBy',
    granularity: 'all',
    ...virtual(expression, outputType),
    dimensions: [
      { type: 'default', dimension: 'id', outputName: 'id', outputType: 'LONG' },
      { type: 'default', dimension: 'v', outputName: 'v', outputType },
    ],
    aggregations: isNumber ? [{ type: `${kind}Sum`, name: 'sum', fieldName: 'v' }] : [],
  });
  const values: string[] = [];
  for (const [, value, sum] of answer.matchAll(/"v":(.*?)(?:,"sum":(.*?))?\}\}/g)) {
    if (sum !== undefined) expect(sum).toBe(value);
    values.push(value!);
  }
  return values.join(' ');
}

describe('a virtual column has in the rows', () => {
  test.each<[expression: string, outputType: string, values: string]>([
    ['l', 'LONG', '7 -7 null'],
    ['x + 1', 'LONG', 'null null null'],
    ['l + 1', 'LONG', '8 -6 null'],
    ['l / 2', 'LONG', '3 -3 null'],
    ['l / 2', 'DOUBLE', '3.0 -3.0 null'],
    ['l / 2.0', 'DOUBLE', '3.5 -3.5 null'],
    ['l % 4', 'LONG', '3 -3 null'],
    ['big + 1', 'LONG', '-9223372036854775808 -9223372036854775807 null'],
    ['-big', 'LONG', '-9223372036854775807 -9223372036854775808 null'],
    ['big * 2', 'LONG', '-2 0 null'],
    ['l ^ 2', 'LONG', '49 49 null'],
    ['-l ^ 2', 'LONG', '49 49 null'],
    ['l / 0.0', 'DOUBLE', '"Infinity" "-Infinity" null'],
    ['l * d', 'DOUBLE', '17.5 3.5 null'],
    ['l * d', 'LONG', '17 3 null'],
    ['f + 0.25', 'DOUBLE', '0.75 1.75 null'],
    ['num + 1', 'DOUBLE', '11.0 null null'],
    ['num + num', 'STRING', '"1010" "xx" null'],
    ['num * 2', 'LONG', '20 null null'],
    ["num < '9'", 'LONG', '1 0 null'],
    ['num < 9', 'LONG', '0 null null'],
    ['l < d', 'LONG', '0 1 null'],
    ['l == null', 'LONG', 'null null null'],
    ['s == l', 'LONG', 'null null null'],
    ['l && d', 'LONG', '1 0 null'],
    ['l || s', 'LONG', '1 0 null'],
    ['!l', 'LONG', '0 1 null'],
    ['1 || l && d', 'LONG', '1 0 null'],
    ['if(l, 1, 2)', 'LONG', '1 2 2'],
    ['case_searched(l > 0, 1, l < 0, d)', 'DOUBLE', '1.0 -0.5 null'],
    ["case_simple(s, 'foo', 1, 'Bar', 2, 3)", 'LONG', '1 2 3'],
    ['nvl(l, -1)', 'LONG', '7 -7 -1'],
    ['coalesce(x, d, 9)', 'DOUBLE', '2.5 -0.5 9.0'],
    ['isnull(l)', 'LONG', '0 0 1'],
    ['notnull(s)', 'LONG', '1 1 0'],
    ['istrue(l)', 'LONG', '1 0 0'],
    ['nottrue(l)', 'LONG', '0 1 1'],
    ['isfalse(l)', 'LONG', '0 1 0'],
    ['notfalse(l)', 'LONG', '1 0 1'],
    ['isdistinctfrom(l, 7)', 'LONG', '0 1 1'],
    ['notdistinctfrom(l, null)', 'LONG', '0 0 1'],
    ['isdistinctfrom(l, null) == 0', 'LONG', '0 0 1'],
    ["cast(num, 'LONG')", 'LONG', '10 null null'],
    ["cast(d, 'LONG')", 'LONG', '2 0 null'],
    ["cast(d, 'STRING')", 'STRING', '"2.5" "-0.5" null'],
    ['d', 'STRING', '"2.5" "-0.5" null'],
    ['l', 'STRING', '"7" "-7" null'],
    ['s', 'LONG', 'null null null'],
    ['num', 'DOUBLE', '10.0 null null'],
    ['upper(s)', 'STRING', '"FOO" "BAR" null'],
    ["concat(s, '-', l)", 'STRING', '"foo-7" "Bar--7" null'],
    ['strlen(s)', 'LONG', '3 3 null'],
    ["strpos(s, 'o')", 'LONG', '1 -1 null'],
    ['substring(s, 1, 1)', 'STRING', '"o" "a" null'],
    ["like(s, '%o%')", 'LONG', '1 0 null'],
    ["timestamp_floor(__time, 'P1M')", 'LONG', '1706745600000 1733011200000 1735689600000'],
    [
      "timestamp_floor(__time, 'P1D', null, 'America/Los_Angeles')",
      'LONG',
      '1709193600000 1735632000000 1735632000000',
    ],
    ["timestamp_ceil(__time, 'P1D')", 'LONG', '1709251200000 1735689600000 1735689600000'],
    ["timestamp_shift(__time, 'P1Y', 1)", 'LONG', '1740750300000 1767222000000 1767225600000'],
    ["timestamp_extract(__time, 'DOW')", 'LONG', '4 2 3'],
    ["timestamp_extract(__time, 'WEEK')", 'LONG', '9 1 1'],
    ["timestamp_extract(__time, 'HOUR', 'Asia/Tokyo')", 'LONG', '22 8 9'],
    ["timestamp_extract(__time, 'CENTURY')", 'DOUBLE', '21.0 21.0 21.0'],
    ["timestamp_format(__time, 'yyyy-MM')", 'STRING', '"2024-02" "2024-12" "2025-01"'],
    ['abs(l)', 'LONG', '7 7 null'],
    ['abs(big)', 'LONG', '9223372036854775807 -9223372036854775808 null'],
    ['floor(d)', 'DOUBLE', '2.0 -1.0 null'],
    ['ceil(l)', 'DOUBLE', '7.0 -7.0 null'],
    ['round(d)', 'DOUBLE', '3.0 -1.0 null'],
    ['round(l, -1)', 'LONG', '10 -10 null'],
    ['max(l, d)', 'DOUBLE', '7.0 -0.5 null'],
    ['min(l, 0)', 'LONG', '0 -7 null'],
    ['greatest(l, d)', 'DOUBLE', '7.0 -0.5 null'],
    ['least(l, 3)', 'LONG', '3 -7 3'],
    ['div(l, 2)', 'LONG', '3 -3 null'],
    ['div(d, 2)', 'LONG', '1 0 null'],
    ['safe_divide(l, l + 7)', 'LONG', '0 null null'],
    ['safe_divide(d, 0)', 'DOUBLE', 'null null null'],
    ['pow(l, 2)', 'DOUBLE', '49.0 49.0 null'],
    ['bitwiseAnd(l, 3)', 'LONG', '3 1 null'],
    ['bitwiseShiftRight(big, 62)', 'LONG', '1 -2 null'],
    ['array_length(tags)', 'LONG', '2 1 null'],
    ["array_contains(tags, 'b')", 'LONG', '1 0 null'],
    ["array_to_string(tags, '+')", 'STRING', '"a+b" "a" null'],
    ['array_offset(tags, 1)', 'STRING', '"b" null null'],
    ["concat(tags, '!')", 'STRING', '"a!" "b!" "a!" null'],
    ["nvl(tags, 'none')", 'STRING', '"a" "b" "a" "none"'],
    ["filter(x -> x == 'b', tags)", 'STRING', '"b" null null'],
    ['tags', 'ARRAY<STRING>', '["a","b"] ["a"] null'],
    ["array_append(tags, 'z')", 'ARRAY<STRING>', '["a","b","z"] ["a","z"] null'],
    ['array(l, d)', 'ARRAY<DOUBLE>', '[7.0,2.5] [-7.0,-0.5] [null,null]'],
    ['l', 'FLOAT', '7.0 -7.0 null'],
  ])('%s as %s: %s', async (expression, outputType, values) => {
    expect(await valuesOf(expression, outputType)).toBe(values);
  });
});

/** The ids of the rows that a filter lets through. */
async function idsWhere(filter: object, more: Json = {}): Promise<string> {
  const answer = await ask({
    queryType: 'groupBy',
    granularity: 'all',
    filter,
    dimensions: [{ type: 'default', dimension: 'id', outputName: 'id', outputType: 'LONG' }],
    aggregations: [],
    ...more,
  });
  return [...answer.matchAll(/"id":(\d+)/g)].map(([, id]) => id).join(' ');
}

const expressionFilter = (expression: string) => ({ type: 'expression', expression });

describe('a filter lets rows through for which it is true, and so does its contrary', () => {
  test.each<[expression: string, passing: string, contrary: string]>([
    ['l > 0', '1', '2'],
    ['l', '1', '2'],
    ['d', '1', '2'],
    ["s == 'foo'", '1', '2'],
    ['s', '', '1 2'],
    ["if(l > 0, 'TRUE', 'yes')", '1', '2 3'],
    ["num > '9'", '2', '1'],
    ['num > 9', '1', ''],
    ['num == 10', '1', ''],
    ['null', '', ''],
    ['1', '1 2 3', ''],
    ['no_such_column == 1', '', ''],
    ['isnull(no_such_column)', '1 2 3', ''],
    ['l > 0 && no_such_column', '', '2'],
    ['l > 0 || no_such_column', '1', ''],
    ['l < 100 || d > 0 && s == 1', '', ''],
    ['istrue(l)', '1', '2 3'],
    ['big > 9223372036854775806', '1', '2'],
    ['big == 9223372036854775806 + 1', '1', '2'],
    ["tags == 'b'", '1', '2'],
    ["strlen(concat(tags, '!')) == 2", '1 2', ''],
    ["array_contains(tags, 'b')", '1', '2'],
    ["array_overlap(tags, ['b', 'c'])", '1', '2'],
    ["any(x -> x == 'b', tags)", '1', '2'],
    ['scalar_in_array(l, [7, null])', '1', ''],
    ["timestamp_extract(__time, 'YEAR') == 2024", '1 2', '3'],
    ["__time >= timestamp('2025-01-01')", '3', '1 2'],
  ])('%s: %s; not: %s', async (expression, passing, contrary) => {
    const filter = expressionFilter(expression);
    expect(await idsWhere(filter)).toBe(passing);
    expect(await idsWhere({ type: 'not', field: filter })).toBe(contrary);
  });
});

describe('names', () => {
  const total = (aggregations: readonly object[], more: Json = {}) =>
    ask({ queryType: 'timeseries', granularity: 'all', aggregations, ...more });

  test('a virtual column without outputType is FLOAT', async () => {
    const scan = { queryType: 'scan', columns: ['v'], limit: 1, resultFormat: 'compactedList' };
    expect(await ask({ ...scan, ...virtual('l / 21.0') })).toContain('[[0.33333334]]');
    expect(await ask({ ...scan, ...virtual('l / 21.0', 'DOUBLE') })).toContain(
      '[[0.3333333333333333]]',
    );
  });

  test('a virtual column reads columns, the time, other virtual columns, and nothing where there is no such name', async () => {
    const virtualColumns = [
      { type: 'expression', name: 'a', expression: '"b c" * 2', outputType: 'LONG' },
      { type: 'expression', name: 'b c', expression: 'l + __time', outputType: 'LONG' },
      { type: 'expression', name: 'n', expression: 'nvl(L, 1)', outputType: 'LONG' },
    ];
    const sums = ['a', 'n'].map((name) => ({ type: 'longSum', name, fieldName: name }));
    const times = ROWS[0]!.__time + ROWS[1]!.__time;
    expect(await total(sums, { virtualColumns })).toContain(`"result":{"a":${times * 2},"n":3}`);
  });

  test('a virtual column hides the column of its name', async () => {
    const sum = [{ type: 'longSum', name: 'sum', fieldName: 'd' }];
    const virtualColumns = [{ type: 'expression', name: 'd', expression: '1', outputType: 'LONG' }];
    expect(await total(sum, { virtualColumns })).toContain('{"sum":3}');
  });

  test('an aggregator may have an expression in place of a column', async () => {
    const aggregations = [
      { type: 'longSum', name: 'a', expression: 'l * l' },
      { type: 'doubleMax', name: 'b', expression: 'd / 2' },
      { type: 'longSum', name: 'c', expression: "if(s == 'foo', 1, 0)" },
      { type: 'longMin', name: 'none', expression: 'no_such_column' },
    ];
    expect(await total(aggregations)).toContain('{"a":98,"b":1.25,"c":1,"none":null}');
  });

  test('a post-aggregator reads finalized aggregates, earlier post-aggregators and dimensions', async () => {
    const answer = await ask({
      queryType: 'groupBy',
      granularity: 'all',
      dimensions: [{ type: 'default', dimension: 's', outputName: 'text' }],
      aggregations: [
        { type: 'longSum', name: 'sum', fieldName: 'l' },
        { type: 'cardinality', name: 'ids', fields: ['id'], round: true },
      ],
      postAggregations: [
        { type: 'expression', name: 'p', expression: 'sum * 2 + ids' },
        { type: 'expression', name: 'q', expression: "concat(text, ':', p)" },
        { type: 'expression', name: 'r', expression: 'nvl(upper(text), p)' },
      ],
    });
    const events = [...answer.matchAll(/"event":(\{.*?\})\}/g)].map(([, event]) => event);
    expect(events).toEqual([
      '{"text":null,"sum":null,"ids":1,"p":null,"q":null,"r":null}',
      '{"text":"Bar","sum":-7,"ids":1,"p":-13,"q":"Bar:-13","r":"BAR"}',
      '{"text":"foo","sum":7,"ids":1,"p":15,"q":"foo:15","r":"FOO"}',
    ]);
    const unknown = [{ type: 'expression', name: 'p', expression: 'sum + nothing' }];
    await expect(total([], { postAggregations: unknown })).rejects.toMatchObject({
      message: expect.stringContaining('Missing fields [sum]'),
    });
  });
});

describe('errors', () => {
  const asked = (expression: string, more: Json = {}) =>
    ask({
      queryType: 'timeseries',
      granularity: 'all',
      ...virtual(expression, 'LONG'),
      aggregations: [{ type: 'longSum', name: 'sum', fieldName: 'v' }],
      ...more,
    });

  test('what depends on no row fails before there is one', async () => {
    const error = { family: 'user', message: expect.stringContaining('/ by zero') };
    await expect(asked('1 / 0', { intervals: [] })).rejects.toMatchObject(error);
    await expect(asked('l + 1 / 0', { filter: { type: 'false' } })).rejects.toMatchObject(error);
  });

  test('a function that there is not', async () => {
    await expect(asked('foo(l)')).rejects.toMatchObject({
      family: 'user',
      field: 'virtualColumns[0].expression',
      message: expect.stringContaining("function 'foo' is not defined."),
    });
  });

  test('a LONG that is divided by zero fails the query; a DOUBLE does not, nor a row that the filter leaves out', async () => {
    const error = { family: 'user', message: expect.stringContaining('/ by zero') };
    for (const division of ['id / (l - 7)', 'id % (l - 7)', 'div(id, l - 7)']) {
      await expect(asked(division)).rejects.toMatchObject(error);
      const filter = { type: 'equals', column: 'id', matchValueType: 'LONG', matchValue: 2 };
      expect(await asked(division, { filter })).toContain('"sum":');
    }
    expect(await asked("cast(d / (l - 7) > 5, 'LONG')")).toContain('{"sum":1}');
  });

  test('a column that reads itself', async () => {
    await expect(asked('v + 1')).rejects.toMatchObject({ family: 'user' });
  });
});
