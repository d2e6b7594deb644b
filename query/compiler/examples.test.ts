import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { Json } from '../../model/index.js';
import type { PlainRow } from '../../segments/testing.js';
import { openRows } from './data-testing.js';
import { comparePair } from './differential-testing.js';
import { jobOf, type Pair } from './pair-job-testing.js';

/** What random plans once found: the smallest examples. Columns are those of `data-testing.ts`. */
interface Example {
  readonly rows: readonly PlainRow[];
  readonly query: JsonObject;
  readonly slot?: Pair['slot'];
}

const SMALL = { index: 63, count: 64 };
const count = { type: 'count', name: 'a' };
const sum = (fieldName: string): JsonObject => ({ type: 'longSum', name: 'a', fieldName });
const sumOf = (expression: string): JsonObject => ({
  aggregations: [{ type: 'longSum', name: 'a', expression }],
});
const by = (...dimensions: readonly unknown[]): JsonObject => ({
  queryType: 'groupBy',
  dimensions,
  aggregations: [count],
});
const topN = (dimension: JsonObject): JsonObject => ({
  queryType: 'topN',
  dimension,
  threshold: 5,
  metric: { type: 'dimension' },
  aggregations: [count],
});
const plain = (dimension: string, outputType = 'STRING'): JsonObject => ({
  type: 'default',
  dimension,
  outputName: 'g',
  outputType,
});
const listed = (dimension: string): JsonObject => ({
  type: 'listFiltered',
  delegate: plain(dimension),
  values: ['nothing'],
});
const virtual = (expression: string, outputType: string): JsonObject => ({
  virtualColumns: [{ type: 'expression', name: 'v', expression, outputType }],
});
const many = (rowCount: number, row: (i: number) => PlainRow): PlainRow[] =>
  Array.from({ length: rowCount }, (_, i) => row(i));

const UNSAFE = [2n ** 53n, 2n ** 53n + 1n, 2n ** 53n + 2n];
const BIG = 2n ** 53n + 1n;

const EXAMPLES: Readonly<Record<string, Example>> = {
  'documents are one group, of which the first row counts': {
    rows: [
      { __time: 0, s5: 'a', j: Json.of({ a: 2 }), n64: UNSAFE[0]! },
      { __time: 0, s5: 'b', j: Json.of({ a: 1 }), n64: UNSAFE[1]! },
    ],
    query: {
      ...by(plain('j')),
      aggregations: [{ type: 'longFirst', name: 'a', fieldName: 'n64' }],
    },
  },
  'texts that are one number: a mean adds their rows in order': {
    rows: many(9, (i) => ({ __time: i, s5: `t${i % 3}`, d: [1e17, 7, -1e17][i % 3]! + i })),
    query: {
      ...by(plain('s5', 'LONG')),
      aggregations: [{ type: 'doubleMean', name: 'a', fieldName: 'd' }],
    },
  },
  'an interval ends before its end': {
    rows: [{ __time: 0 }, { __time: 5 }, { __time: 10 }],
    query: {
      filter: {
        type: 'interval',
        dimension: '__time',
        intervals: ['1970-01-01T00:00:00.000Z/1970-01-01T00:00:00.005Z'],
      },
    },
  },
  'a bound beyond the safe integers, over deltas from a safe one': {
    rows: [2 ** 53 - 10, ...UNSAFE].map((nsafe) => ({ nsafe })),
    query: {
      filter: { type: 'range', column: 'nsafe', matchValueType: 'LONG', lower: BIG },
      aggregations: [sum('nsafe')],
    },
  },
  'a point beyond the safe integers, over deltas from a safe one': {
    rows: [2 ** 53 - 10, ...UNSAFE].map((nsafe) => ({ nsafe })),
    query: {
      filter: { type: 'selector', dimension: 'nsafe', value: String(BIG) },
      aggregations: [sum('nsafe')],
    },
  },
  'a filtered dimension of a column that is not there': {
    rows: [{}],
    query: by(listed('missing')),
  },
  'the same in a topN': { rows: [{}], query: topN(listed('missing')) },
  'a filtered dimension that depends on time alone': {
    rows: [{}, { __time: 5 }],
    query: { ...by(listed('v')), ...virtual("timestamp_extract(__time, 'DAY')", 'STRING') },
  },
  'many texts that are one number': {
    rows: many(1100, (i) => ({ sid: `x${i}` })),
    query: by(plain('sid', 'LONG')),
  },
  'many numbers that are one text': {
    rows: [{ n16: 0 }, { n16: 1 }, { n16: 5000 }],
    query: by({
      ...plain('n16'),
      type: 'extraction',
      extractionFn: { type: 'timeFormat', format: 'HH' },
    }),
  },
  'sets that are larger than the room': {
    rows: many(100, (i) => ({ __time: i * 40_000_000, n16: i * 600, k1: i })),
    query: {
      ...by('k1'),
      granularity: 'day',
      aggregations: [{ type: 'cardinality', name: 'a', fields: ['n16'] }],
    },
    slot: SMALL,
  },
  'tables of codes that are larger than the room': {
    rows: [{ n16: -1000 }, { n16: 58_000 }],
    query: sumOf('abs(n16)'),
    slot: SMALL,
  },
  'more groups out of one block than the room holds': {
    rows: many(64, (i) => ({
      mm: Array.from({ length: 20 }, (_, j) => `e${i * 20 + j}`),
    })),
    query: {
      ...by('mm'),
      aggregations: ['n8', 'n16', 'n32', 'd'].map((name) => ({ ...sum(name), name })),
    },
    slot: SMALL,
  },
  'an empty origin': {
    rows: [{}],
    query: {
      ...by(plain('v')),
      ...virtual("timestamp_floor(__time, 'PT6H', '', 'UTC')", 'STRING'),
    },
  },
  'a divisor that could be zero, and is not': {
    rows: [{ nz: -1 }, { nz: 1 }],
    query: { filter: { type: 'expression', expression: '5 % nz' } },
  },
  'a divisor that is zero where nobody looks': {
    rows: [
      { n8: 0, k0: 1 },
      { n8: 2, k0: 7 },
    ],
    query: {
      ...sumOf('5 / n8'),
      filter: { type: 'selector', dimension: 'k0', value: '7' },
    },
  },
  'an error behind a value that is known': {
    rows: [{ k0: 1, s5: 'a' }],
    query: sumOf('nvl(k0, -(s5))'),
  },
  'nvl of a LONG that is never null and a DOUBLE': {
    rows: [
      { n64: BIG, d: 1.5 },
      { n64: 8, d: 2.5 },
    ],
    query: sumOf('nvl(n64, d)'),
  },
  'nvl of a number that is never null and a text': {
    rows: [
      { f1: 7, s5: '1' },
      { f1: 7, s5: 'a' },
    ],
    query: sumOf('nvl(f1, s5)'),
  },
  'a time that is no number': {
    rows: [{ d1: Number.NaN }, { d1: Number.NaN }],
    query: {
      filter: {
        type: 'extraction',
        dimension: 'd1',
        value: null,
        extractionFn: { type: 'timeFormat', format: 'HH' },
      },
    },
  },
  'a time beyond all': {
    rows: [{ dx: Number.POSITIVE_INFINITY }, { dx: 1e19 }, { dx: Number.NaN }],
    query: by({
      type: 'extraction',
      dimension: 'dx',
      outputName: 'g',
      extractionFn: { type: 'timeFormat', format: 'HH' },
    }),
  },
  'a time beyond all, in a zone': {
    rows: [{ fx: Number.POSITIVE_INFINITY }, { fx: 3e38 }, { fx: -3e38 }],
    query: by({
      type: 'extraction',
      dimension: 'fx',
      outputName: 'g',
      extractionFn: { type: 'timeFormat', format: 'HH', timeZone: 'Europe/Berlin' },
    }),
  },
  'tuples with a null': {
    rows: [{}, { nnull: null }],
    query: { aggregations: [{ type: 'cardinality', name: 'a', fields: ['nnull'], byRow: true }] },
  },
  'sketches that outgrow their room': {
    rows: many(8000, (i) => ({ n8: i % 11, n32: (i * 7919) % 7000, sid: `x${i % 6000}` })),
    query: {
      ...by(plain('n8')),
      aggregations: [
        { type: 'hyperUnique', name: 'a', fieldName: 'n32' },
        { type: 'cardinality', name: 'b', fields: ['sid'] },
      ],
    },
    slot: SMALL,
  },
  'a sketch that has just become dense, and one that has not': {
    rows: many(1025, (i) => ({ s5: i < 512 ? 'a' : 'b', n16: i })),
    query: { ...by('s5'), aggregations: [{ type: 'hyperUnique', name: 'a', fieldName: 'n16' }] },
  },
  'the first of rows of one time whose keys are one text': {
    rows: [
      { s5: 'b', n8: 1 },
      { s5: 'a', n8: 2 },
      { s5: 'b', n8: 3 },
    ],
    query: {
      ...by({
        ...plain('s5'),
        type: 'extraction',
        extractionFn: { type: 'substring', index: 1, length: 1 },
      }),
      aggregations: [
        { type: 'longFirst', name: 'a', fieldName: 'n8' },
        { type: 'longLast', name: 'b', fieldName: 'n8' },
        { type: 'longAny', name: 'c', fieldName: 'n8' },
      ],
    },
  },
  'the last of texts that are computed, one of which cannot be': {
    rows: [
      { n8: 0, k0: 4 },
      { n8: 2, k0: 4 },
    ],
    query: {
      ...virtual('k0 / n8', 'LONG'),
      aggregations: [{ type: 'longLast', name: 'a', fieldName: 'v' }],
    },
  },
  'a case of nulls that have no type': {
    rows: [
      { n8: 1, d: 2.5 },
      { n8: 2, d: 0.5 },
    ],
    query: sumOf('case_searched(n8 == 2, missing, n8 == 1, null, d) + nvl(null, n8)'),
  },
  'a time rounded up, at the start of a period and behind it': {
    rows: many(60, (i) => ({ __time: Math.floor(i / 20) * 1_800_000 + (i % 2), k0: i })),
    query: sumOf("if(timestamp_ceil(__time, 'PT1H') == 3600000, k0, 0)"),
  },
  'a filter of time alone that fails where no row passes another': {
    rows: [{ k0: 1 }, { k0: 2 }],
    query: {
      filter: {
        type: 'and',
        fields: [
          { type: 'selector', dimension: 'k0', value: '7' },
          { type: 'expression', expression: "1 / (timestamp_extract(__time, 'YEAR') - 1970)" },
        ],
      },
    },
  },
  'many equalities of a column with nulls': {
    rows: [{ n64: BIG }, { n64: 7 }, { n64: null }, { n64: 40 }],
    query: {
      filter: {
        type: 'not',
        field: {
          type: 'or',
          fields: many(30, (i) => ({
            type: 'equals',
            column: 'n64',
            matchValueType: 'LONG',
            matchValue: i,
          })),
        },
      },
    },
  },
  'virtual columns in a circle': {
    rows: [{}],
    query: {
      virtualColumns: [
        { type: 'expression', name: 'v0', expression: 'v1 + 1', outputType: 'LONG' },
        { type: 'expression', name: 'v1', expression: 'v0 + 1', outputType: 'LONG' },
      ],
      aggregations: [sum('v0')],
    },
  },
};

describe('examples', () => {
  it.each(Object.entries(EXAMPLES))('%s', (_name, { rows, query, slot }) => {
    const data = openRows(rows.map((row) => ({ __time: 0, ...row })));
    const base = { queryType: 'timeseries', granularity: 'all', intervals: '1900/2100' };
    const job = jobOf(
      {
        query: { ...base, aggregations: [count], ...query },
        extent: [0, 1000],
        cuts: [],
        skipped: [],
        indexes: { kind: 'naive', isForced: true },
        slot: slot ?? { index: 0, count: 1 },
        mergedAtOnce: 10,
      },
      data,
    );
    expect(job).not.toBeNull();
    expect(() => comparePair(job!)).not.toThrow();
    data.close();
  });
});
