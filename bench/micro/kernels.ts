import type { JsonObject } from '../../core/index.js';
import type { Strategy } from '../../query/compiler/layout.js';
import type { Segment } from '../../segments/index.js';
import { expectClose, expectEqual, type Micro } from './micro.js';
import { CompiledScan } from './scans.js';
import { type ColumnName, ROW_COUNT, valuesOf } from './segment.js';

const COUNT = { type: 'count', name: 'a' };
const range = (column: ColumnName, lower: number, upper: number) => ({
  filter: { type: 'range', column, matchValueType: 'LONG', lower, upper },
  passes: (value: unknown) => value !== null && Number(value) >= lower && Number(value) <= upper,
});

/** Filters, each with its oracle. About half of the rows pass where nothing else is said. */
const FILTERS = [
  { name: 'range, 1 byte', column: 'u8', ...range('u8', 50, 149) },
  { name: 'range, 2 bytes', column: 'u16', ...range('u16', 10_000, 40_000) },
  { name: 'range, 4 bytes', column: 'u32', ...range('u32', 1e9, 2.5e9) },
  { name: 'range, 8 bytes', column: 'i64', ...range('i64', 1e12, 3e12) },
  { name: 'range, 1 byte with nulls', column: 'nulls', ...range('nulls', 50, 149) },
  {
    name: 'IN, 20 codes of 50',
    column: 'few',
    filter: {
      type: 'in',
      dimension: 'few',
      values: Array.from({ length: 20 }, (_, i) => `channel ${2 * i + 1}`),
    },
    passes: (value: unknown) =>
      Number(String(value).slice(8)) % 2 === 1 && Number(String(value).slice(8)) < 40,
  },
  {
    name: 'is null',
    column: 'nulls',
    filter: { type: 'null', column: 'nulls' },
    passes: (value: unknown) => value === null,
  },
] as const;

export function filterBenches(segment: Segment): Micro[] {
  return FILTERS.map(({ name, column, filter, passes }) => {
    const want = valuesOf(column).filter(passes).length;
    return scanBench(segment, `count where ${name}`, { filter, aggregations: [COUNT] }, 'single', {
      groups: 1,
      total: want,
    });
  });
}

const SUMS = [
  ['LONG, 1 byte', 'u8'],
  ['LONG, 2 bytes', 'u16'],
  ['LONG, 4 bytes', 'u32'],
  ['LONG, 8 bytes', 'i64'],
  ['LONG, 1 byte with nulls', 'nulls'],
  ['DOUBLE', 'double'],
] as const;

export function sumBenches(segment: Segment): Micro[] {
  return SUMS.map(([name, column]) => {
    const type = column === 'double' ? 'doubleSum' : 'longSum';
    const aggregations = [{ type, name: 'a', fieldName: column }];
    return scanBench(segment, `sum of ${name}`, { aggregations }, 'single', {
      groups: 1,
      total: sumOf(column),
    });
  });
}

const sumOf = (column: ColumnName): number =>
  valuesOf(column).reduce<number>((sum, value) => sum + Number(value), 0);

const GROUPINGS = [
  ['50 texts', 'few', 'dense'],
  ['50 texts', 'few', 'hash'],
  ['50,000 texts', 'texts', 'dense'],
  ['50,000 texts', 'texts', 'hash'],
  ['200 numbers', 'u8', 'hash'],
  ['100,000 numbers', 'many', 'hash'],
] as const;

export function groupBenches(segment: Segment): Micro[] {
  const total = sumOf('u8');
  return GROUPINGS.map(([name, column, strategy]) => {
    const fields = {
      dimensions: [dimension(column)],
      aggregations: [{ type: 'longSum', name: 'a', fieldName: 'u8' }],
    };
    const groups = new Set(valuesOf(column)).size;
    return scanBench(segment, `sum by ${name}, ${strategy}`, fields, strategy, { groups, total });
  });
}

export function mergeBench(segment: Segment): Micro {
  const fields = { dimensions: [dimension('many')], aggregations: [COUNT] };
  const scan = new CompiledScan(segment, fields, 'hash');
  const found = scan.blocks(4);
  const name = 'merge of 4 blocks';
  const merged = scan.merge(found);
  const groups = merged.reduce((sum, { groupCount }) => sum + groupCount, 0);
  const units = found
    .flatMap(({ blocks }) => blocks)
    .reduce((sum, { ends }) => sum + ends.at(-1)!, 0);
  return {
    name,
    unit: 'group',
    units,
    check() {
      expectEqual(name, groups, new Set(valuesOf('many')).size);
      expectEqual(name, scan.total(merged), ROW_COUNT);
    },
    run: () => void scan.merge(found),
  };
}

const DISTINCT = [
  ['numbers', 'u32'],
  ['texts, by code', 'texts'],
] as const;

export function distinctBenches(segment: Segment): Micro[] {
  return DISTINCT.map(([name, column]) => {
    const fields = [
      { type: 'default', dimension: column, outputType: column === 'u32' ? 'LONG' : 'STRING' },
    ];
    const aggregations = [{ type: 'cardinality', name: 'a', fields }];
    return scanBench(segment, `HyperLogLog of ${name}`, { aggregations }, 'single', {
      groups: 1,
      total: new Set(valuesOf(column)).size,
      relative: 0.1,
    });
  });
}

const dimension = (column: ColumnName) => ({
  type: 'default',
  dimension: column,
  outputName: 'k',
  outputType: column === 'few' || column === 'texts' ? 'STRING' : 'LONG',
});

function scanBench(
  segment: Segment,
  name: string,
  fields: JsonObject,
  strategy: Strategy,
  want: { readonly groups: number; readonly total: number; readonly relative?: number },
): Micro {
  const scan = new CompiledScan(segment, fields, strategy);
  return {
    name,
    unit: 'row',
    units: ROW_COUNT,
    check() {
      const found = scan.run();
      expectEqual(`${name}: groups`, found.groupCount, want.groups);
      expectClose(name, scan.total([found]), want.total, want.relative ?? 1e-12);
    },
    run: () => void scan.run(),
  };
}
