import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { openRows } from './data-testing.js';
import { comparePair } from './differential-testing.js';
import { jobOf } from './pair-job-testing.js';

/** Two dictionaries that share texts, too large to be combined, and numbers to choose by. */
const ROWS = Array.from({ length: 1500 }, (_, i) => ({
  __time: i,
  s300: i % 7 === 0 ? null : `v${i % 300}`,
  sid: i % 5 === 0 ? null : `v${i % 700}`,
  s5: i % 3 === 0 ? null : ['a', 'b', 'x'][i % 4 === 3 ? 2 : i % 2]!,
  su: ['', 'a', 'ab'][i % 3]!,
  n8: i % 4,
  n16: i,
}));

const grouped = (expression: string, outputType = 'STRING'): JsonObject => ({
  queryType: 'groupBy',
  virtualColumns: [{ type: 'expression', name: 'v', expression, outputType: 'STRING' }],
  dimensions: [{ type: 'default', dimension: 'v', outputName: 'g', outputType }],
});
const filtered = (expression: string, filter: JsonObject): JsonObject => ({
  queryType: 'timeseries',
  virtualColumns: [{ type: 'expression', name: 'v', expression, outputType: 'STRING' }],
  filter,
});
const isX = { type: 'equals', column: 'v', matchValueType: 'STRING', matchValue: 'v10' };

const QUERIES: Readonly<Record<string, JsonObject>> = {
  'a column or a constant that is no text of it': grouped("if(n8 > 1, s300, 'none')"),
  'a column or a constant that it has': grouped("if(n8 > 1, s300, 'v10')"),
  'a column or null': grouped('case_searched(n8 > 1 && n16 > 20, s300)'),
  'two columns': grouped("case_searched(n8 == 1, s300, n8 == 2, sid, n8 == 3, 'v10', '')"),
  'one column twice': grouped("case_simple(n8, 1, s300, 2, 'x', s300)"),
  'the first that is known': grouped("coalesce(s300, sid, 'v10')"),
  'nothing but constants': grouped("if(n16 > 10 && n8 > 1, 'a', if(n8 > 0, 'b', null))"),
  'functions of a column': grouped('if(n8 > 1, upper(s300), substring(sid, 0, 2))'),
  'as a number': grouped("if(n8 > 1, substring(s300, 1, 3), '7')", 'LONG'),
  'combinations of two columns': grouped('concat(s5, su)'),
  'combinations within a choice': grouped('nvl(concat(s5, su), sid)'),
  'a choice that is filtered': filtered("if(n8 > 1, s300, 'v10')", isX),
  'and denied': filtered('nvl(s300, sid)', { type: 'not', field: isX }),
  'a pattern of it': filtered('if(n8 > 1, s300, sid)', {
    type: 'like',
    dimension: 'v',
    pattern: '%1_',
  }),
  'columns that are compared': filtered("'x'", {
    type: 'columnComparison',
    dimensions: ['s5', 'su'],
  }),
};

describe('texts of several columns', () => {
  it.each(Object.entries(QUERIES))('%s', (_name, query) => {
    const data = openRows(ROWS);
    const base = { granularity: 'all', intervals: '1900/2100' };
    const aggregations = [{ type: 'count', name: 'a' }];
    const whole = {
      extent: [0, 1000],
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
});
