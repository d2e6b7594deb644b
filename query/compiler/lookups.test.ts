import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import { draws } from '../../core/testing.js';
import {
  type LookupTable,
  lookupTable,
  pinnedName,
  type Value,
  withLookups,
} from '../../model/index.js';
import { openRows } from './data-testing.js';
import { comparePair } from './differential-testing.js';
import { jobOf } from './pair-job-testing.js';

const LONG_MIN = -(2n ** 63n);
const SPECIAL = [
  LONG_MIN,
  2n ** 63n - 1n,
  2n ** 53n,
  -(2n ** 53n) - 1n,
  2 ** 53 - 1,
  -(2 ** 31),
  0,
];

const near = fc.integer({ min: -30, max: 70_000 });
const far = fc.maxSafeInteger();
const key = fc.oneof(near, far, fc.constantFrom(...SPECIAL)).map(String);
/** What no LONG is written as. */
const other = fc.constantFrom(
  '',
  '-',
  '-0',
  '007',
  '1.0',
  ' 1',
  '1e3',
  '+5',
  '9'.repeat(19),
  'é',
  'v3',
);
const value = fc.constantFrom('', 'a', 'b', '1', '01', '2.5', 'x', '9007199254740993', '☃');
const table = fc
  .oneof(
    fc.array(fc.tuple(fc.oneof(key, other), value), { maxLength: 60 }),
    // As surrogate keys are, and those far apart.
    fc
      .tuple(near, fc.integer({ min: 0, max: 3000 }))
      .map(([from, count]) => filled(from, count, 1)),
    fc
      .tuple(far, fc.integer({ min: 0, max: 3000 }))
      .map(([from, count]) => filled(from % 2 ** 50, count, 977)),
  )
  .map(lookupTable);

const filled = (from: number, count: number, step: number): [string, string][] =>
  Array.from({ length: count }, (_, i) => [`${from + i * step}`, `${i % 37}`]);

/** Columns whose numbers are too many for codes, and more texts than are interpreted one by one. */
function rowsFor(keys: readonly string[]) {
  const longs = keys.filter((each) => /^-?(0|[1-9]\d{0,17})$/.test(each) && each !== '-0');
  const given = (i: number): Value => {
    const text = longs[i % Math.max(1, longs.length)];
    if (text === undefined) return i;
    const number = Number(text);
    return Number.isSafeInteger(number) ? number : BigInt(text);
  };
  return Array.from({ length: 6000 }, (_, i) => ({
    __time: i,
    n64:
      i % 11 === 0 ? null : i % 3 === 0 ? i * 1_000_003 - 5 : i < 14 ? SPECIAL[i % 7]! : given(i),
    n32: 17 * i,
    sid: i % 7 === 0 ? null : i % 2 === 0 && keys.length > 0 ? keys[i % keys.length]! : `v${i}`,
  }));
}

const column = (expression: string, outputType: string): JsonObject => ({
  virtualColumns: [{ type: 'expression', name: 'v', expression, outputType }],
});
const grouped = (expression: string, outputType = 'STRING'): JsonObject => ({
  ...column(expression, outputType),
  queryType: 'groupBy',
  dimensions: [{ type: 'default', dimension: 'v', outputName: 'g', outputType }],
  aggregations: [{ type: 'count', name: 'a' }],
});
const filtered = (expression: string, outputType: string, filter: JsonObject): JsonObject => ({
  ...column(expression, outputType),
  queryType: 'timeseries',
  filter,
  aggregations: [{ type: 'longSum', name: 'a', fieldName: 'n32' }],
});
const equals = (matchValueType: string, matchValue: Value) => ({
  type: 'equals',
  column: 'v',
  matchValueType,
  matchValue,
});
const isThere = { type: 'not', field: { type: 'null', column: 'v' } };

const QUERIES: Readonly<Record<string, (key: string, name: string) => JsonObject>> = {
  'grouped by': (by, name) => grouped(`lookup(${by}, '${name}')`),
  'or another text': (by, name) => grouped(`lookup(${by}, '${name}', 'a')`),
  'one of several pieces': (by, name) =>
    grouped(`if(n32 > 5000, nvl(lookup(${by}, '${name}'), 'b'), 'c')`),
  'grouped by as LONGs': (by, name) => grouped(`cast(lookup(${by}, '${name}'), 'LONG')`, 'LONG'),
  'grouped by as DOUBLEs': (by, name) =>
    grouped(`cast(lookup(${by}, '${name}', '7'), 'DOUBLE')`, 'DOUBLE'),
  'added up': (by, name) => ({
    ...column(`cast(lookup(${by}, '${name}'), 'LONG')`, 'LONG'),
    queryType: 'timeseries',
    aggregations: [{ type: 'longSum', name: 'a', fieldName: 'v' }],
  }),
  'that are there': (by, name) => filtered(`lookup(${by}, '${name}')`, 'STRING', isThere),
  'that are one': (by, name) =>
    filtered(`lookup(${by}, '${name}')`, 'STRING', equals('STRING', 'a')),
  'that are not': (by, name) =>
    filtered(`lookup(${by}, '${name}')`, 'STRING', { type: 'not', field: equals('STRING', '1') }),
  'numbers that are there': (by, name) =>
    filtered(`cast(lookup(${by}, '${name}'), 'LONG')`, 'LONG', isThere),
  'numbers that are one': (by, name) =>
    filtered(`cast(lookup(${by}, '${name}'), 'LONG')`, 'LONG', equals('LONG', 1)),
};

const KEYS = ["cast(n64, 'STRING')", 'n64', "cast(n32, 'STRING')", 'n32 + 1', 'sid'];

const pinned = (lookup: LookupTable): string =>
  withLookups(new Map([['words', lookup]]), () => pinnedName('words')).result;

/** Whether a kernel did it, as the interpreter would have. */
function isCompiled(query: JsonObject, lookup: LookupTable): boolean {
  const data = openRows(rowsFor(Array.from(lookup.entries(), ([each]) => each)));
  const whole = {
    extent: [0, 1000],
    cuts: [],
    skipped: [],
    slot: { index: 0, count: 1 },
    mergedAtOnce: 10,
    indexes: { kind: 'stored', isForced: false },
  } as const;
  const base = { granularity: 'all', intervals: '1900/2100' };
  try {
    return comparePair(jobOf({ ...whole, query: { ...base, ...query } }, data)!).isCompiled;
  } finally {
    data.close();
  }
}

describe('what a lookup has for keys', () => {
  test.each(Object.entries(QUERIES))('%s', (_name, query) => {
    fc.assert(
      fc.property(table, fc.constantFrom(...KEYS), (lookup, by) => {
        expect(isCompiled(query(by, pinned(lookup)), lookup)).toBe(true);
      }),
      { numRuns: draws(3) },
    );
  });
});
