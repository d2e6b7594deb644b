import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { Json, type JsonValue, parseVirtualColumn } from '../../model/index.js';
import { Columns } from './columns.js';
import { openRows } from './data-testing.js';
import { comparePair } from './differential-testing.js';
import { jobOf } from './pair-job-testing.js';

/** Numbers too wide for codes, texts, lists and a mixture. */
const ROWS = Array.from({ length: 1500 }, (_, i) => {
  const value: JsonValue = {
    n: i % 4,
    w: 3_000_000_000 * (i % 90),
    d: (i % 70) * (i % 2 === 0 ? 1 : 0.5),
    s: `v${i % 300}`,
    l: [i % 3, 7],
    m: i % 5 === 0 ? i % 10 : `t${i % 10}`,
    ...(i % 3 === 0 ? { some: { x: i } } : {}),
  };
  return { __time: i, j: Json.of(value) };
});

const field = (path: string, expectedType = 'STRING'): JsonObject => ({
  type: 'nested-field',
  columnName: 'j',
  outputName: 'v',
  path,
  expectedType,
});
const by = (path: string, type = 'STRING', outputType = type): JsonObject => ({
  queryType: 'groupBy',
  virtualColumns: [field(path, type)],
  dimensions: [{ type: 'default', dimension: 'v', outputName: 'g', outputType }],
});
const where = (path: string, type: string, filter: JsonObject): JsonObject => ({
  queryType: 'timeseries',
  virtualColumns: [field(path, type)],
  filter: { column: 'v', matchValueType: type, ...filter },
});
const sum = (expression: string): JsonObject => ({
  queryType: 'timeseries',
  aggregations: [{ type: 'doubleSum', name: 'a', expression }],
});

const QUERIES: Readonly<Record<string, JsonObject>> = {
  'by a text': by('$.s'),
  'by a narrow number': by('$.n', 'LONG'),
  'by the text of a narrow number': by('$.n'),
  'by a wide number': by('$.w', 'LONG'),
  'by the text of a wide number': by('$.w'),
  'by the text of a double': by('$.d'),
  'by a double as a whole number': by('$.d', 'LONG'),
  'by a text as a number': by('$.s', 'LONG'),
  'by a list': by('$.l', 'ARRAY<LONG>'),
  'by an element of a list': by('$.l[-2]', 'LONG'),
  'by a mixture': by('$.m'),
  'by what some rows have': by('$.some.x', 'LONG'),
  'by nothing': by('$.nothing.x'),
  'a text': where('$.s', 'STRING', { type: 'equals', matchValue: 'v7' }),
  'a range of texts': where('$.s', 'STRING', { type: 'range', lower: 'v1', upper: 'v2' }),
  'a wide number': where('$.w', 'LONG', { type: 'equals', matchValue: 9_000_000_000 }),
  'a range of doubles': where('$.d', 'DOUBLE', { type: 'range', lower: 2.5, upper: 7 }),
  'of a mixture': where('$.m', 'LONG', { type: 'equals', matchValue: 5 }),
  'of nothing': where('$.nothing', 'LONG', { type: 'equals', matchValue: 5 }),
  'a sum of a wide number': sum("json_value(j, '$.w', 'LONG') * 2"),
  'a sum of doubles': sum("json_value(j, '$.d', 'DOUBLE')"),
  'a sum of what some rows have': sum("json_value(j, '$.some.x', 'LONG')"),
  'a sum of nothing': sum("json_value(j, '$.nothing', 'LONG') + 1"),
};

describe('values at paths into JSON are compiled', () => {
  it.each(Object.entries(QUERIES))('%s', (_name, query) => {
    const data = openRows(ROWS);
    const base = { granularity: 'all', intervals: '1900/2100' };
    const aggregations = [{ type: 'count', name: 'a' }];
    const whole = {
      extent: [0, 1500],
      cuts: [],
      skipped: [],
      slot: { index: 0, count: 1 },
      mergedAtOnce: 10,
      indexes: { kind: 'stored', isForced: false },
    } as const;
    const job = jobOf({ ...whole, query: { ...base, aggregations, ...query } }, data);
    expect(comparePair(job!).isCompiled).toBe(true);
    data.close();
  });

  it('a virtual column that is the column of a path counts as this one', () => {
    const data = openRows(ROWS);
    const virtual = (path: string, type: string) => parseVirtualColumn(field(path, type), 'v');
    const open = (path: string, type: string) => new Columns(data.segment, [virtual(path, type)]);
    expect(open('$.s', 'STRING').stored('v')).toMatchObject({ type: 'STRING', layout: 'ids' });
    expect(open('$.s', 'STRING').stored('v')?.texts).not.toBeNull();
    expect(open('$.s', 'STRING').virtual('v')).toBeNull();
    expect(open('$.n', 'LONG').stored('v')).toMatchObject({ type: 'LONG', layout: 'deltas' });
    expect(open('$.n', 'STRING').stored('v')).toBeNull();
    expect(open('$.l', 'ARRAY<LONG>').stored('v')).toMatchObject({ type: 'ARRAY<LONG>' });
    expect(open('$.nothing', 'LONG').storedBehind(['v']).size).toBe(0);
    data.close();
  });
});
