import { describe, expect, test } from 'vitest';
import { UserError } from '../../core/index.js';
import { treeSpec } from '../../segments/index.js';
import { parseTaskSpec } from './parse-task-spec.js';

type Json = Record<string, unknown>;

/** A task with these trees, of a table of all types of columns. */
const taskOf = (starTrees: unknown, schema: Json = {}): Json => ({
  type: 'index_parallel',
  spec: {
    dataSchema: {
      dataSource: 'wiki',
      timestampSpec: { column: 'ts' },
      dimensionsSpec: {
        dimensions: [
          'country',
          'city',
          { type: 'long', name: 'user' },
          { type: 'auto', name: 'any' },
          { type: 'json', name: 'doc' },
          { type: 'array<string>', name: 'tags' },
        ],
      },
      metricsSpec: [
        { type: 'count', name: 'rows' },
        { type: 'longSum', name: 'added', fieldName: 'delta' },
      ],
      starTrees,
      ...schema,
    },
    ioConfig: {
      type: 'index_parallel',
      inputSource: { type: 'inline', data: '{}' },
      inputFormat: { type: 'json' },
    },
  },
});

/** Trees as they are read, as the JSON that asks for them. */
const treesOf = (starTrees: unknown, schema: Json = {}): unknown =>
  parseTaskSpec(taskOf(starTrees, schema)).starTrees?.map(treeSpec);

function problemOf(starTrees: unknown, schema: Json = {}): string {
  try {
    parseTaskSpec(taskOf(starTrees, schema));
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('the task was accepted');
}

const hourly = { granularitySpec: { queryGranularity: 'hour' } };
const discovered = { dimensionsSpec: { dimensions: ['city'], includeAllDimensions: true } };
const SUM = { type: 'longSum', name: 'added', fieldName: 'added' };
const USERS = { type: 'thetaSketch', name: 'users', fieldName: 'user' };
const DERIVED = { maxLeafRecords: 100, maxShare: 0.3 };
const dimension = (name: string, skipStar = false) => ({ name, skipStar });

test('nothing is no tree, by default or in so many words', () => {
  expect(treesOf(undefined)).toBeUndefined();
  expect(treesOf(null)).toBeUndefined();
  expect(treesOf('none')).toEqual([]);
  expect(treesOf([])).toEqual([]);
});

test('what is not said is derived from the rows, within a share of the file', () => {
  expect(treesOf('auto')).toEqual([DERIVED]);
  expect(treesOf([{}])).toEqual([DERIVED]);
  expect(treesOf([{ metrics: [SUM], maxLeafRecords: '7' }])).toEqual([
    { metrics: [SUM], maxLeafRecords: 7, maxShare: 0.3 },
  ]);
});

test('trees are as they are written', () => {
  const tree = {
    dimensions: [
      'country',
      { name: 'any', skipStar: true },
      { name: '__time', granularity: 'HOUR' },
    ],
    metrics: [SUM, USERS, { type: 'count', name: 'n' }],
    maxLeafRecords: 10,
  };
  const read = {
    ...tree,
    dimensions: [
      dimension('country'),
      dimension('any', true),
      { ...dimension('__time'), granularity: 'hour' },
    ],
  };
  expect(treesOf([tree])).toEqual([read]);
  expect(treesOf([read])).toEqual([read]);
  const small = { dimensions: ['user'], maxShare: 2.5 };
  expect(treesOf([small, {}])).toEqual([
    { dimensions: [dimension('user')], maxLeafRecords: 1000, maxShare: 2.5 },
    DERIVED,
  ]);
});

test('times are cut into what they are truncated to, unless it is said', () => {
  const times = (granularity?: unknown) => [{ dimensions: [{ name: '__time', granularity }] }];
  const grain = (of: unknown, schema: Json) =>
    parseTaskSpec(taskOf(of, schema)).starTrees?.[0]?.dimensions?.[0]?.granularity?.spec;
  expect(grain(times(), hourly)).toBe('hour');
  expect(grain(times('none'), hourly)).toBe('hour');
  expect(grain([{ dimensions: ['__time'] }], hourly)).toBe('hour');
  expect(grain(times('minute'), hourly)).toBe('minute');
  expect(grain(times({ type: 'period', period: 'PT6H' }), {})).toMatchObject({ period: 'PT6H' });
});

test('dimensions and inputs may be those that rows bring', () => {
  const tree = { dimensions: ['browser'], metrics: [{ ...SUM, name: 'x', fieldName: 'ms' }] };
  expect(treesOf([tree], discovered)).toMatchObject([{ dimensions: [{ name: 'browser' }] }]);
});

describe('what is wrong is told, with its field, its value and what to write', () => {
  const dimensions = (...list: unknown[]) => [{ dimensions: list }];
  const metrics = (...list: unknown[]) => [{ dimensions: ['city'], metrics: list }];
  const sumOf = (name: string, fieldName: string) => ({ type: 'longSum', name, fieldName });
  const TREE = 'spec.dataSchema.starTrees[0]';
  test.each<[unknown, Json, ...string[]]>([
    [
      'automatic',
      {},
      'spec.dataSchema.starTrees: want "auto", "none" or a list of trees; got "automatic"',
    ],
    [{ dimensions: ['city'] }, {}, 'starTrees: want "auto", "none" or a list', '{"dimensions"'],
    [['auto'], {}, `${TREE}: want an object; got "auto"`],
    [[{ dimension: ['city'] }], {}, `${TREE}: want only dimensions, metrics, maxLeafRecords`],
    [[{ maxLeafRecords: 0 }], {}, `${TREE}.maxLeafRecords: want an integer of 1 or more; got 0`],
    [[{ maxShare: 0 }], {}, `${TREE}.maxShare: want a number above 0, such as 0.3; got 0`],
    [[{ maxShare: '10%' }], {}, `${TREE}.maxShare: want a number above 0, such as 0.3; got "10%"`],
    [[{ dimensions: 'city' }], {}, `${TREE}.dimensions: want a list; got "city"`],
    [[{ dimensions: [] }], {}, `${TREE}.dimensions: want at least one dimension, or leave it out`],
    [[{ metrics: [] }], {}, `${TREE}.metrics: want at least one metric, or leave it out`],
    [
      dimensions('town'),
      {},
      `${TREE}.dimensions[0]: want a dimension that dimensionsSpec lists, or __time: one of __time, country, city, user, any, doc, tags; got "town"`,
    ],
    [dimensions('added'), discovered, `${TREE}.dimensions[0]: want a dimension`, 'got "added"'],
    [dimensions('delta'), discovered, 'got "delta"'],
    [
      dimensions('city', { name: 'tags' }),
      {},
      `${TREE}.dimensions[1]: want a dimension of texts or numbers, not of type ARRAY<STRING>; leave it out of the tree; got "tags"`,
    ],
    [dimensions('doc'), {}, 'not of type COMPLEX<json>', 'got "doc"'],
    [
      dimensions('city', 'user', 'city'),
      {},
      `${TREE}.dimensions: "city" stands twice; leave one out`,
    ],
    [
      dimensions({ name: 'city', skip: true }),
      {},
      `${TREE}.dimensions[0]: want only name, skipStar, granularity`,
    ],
    [dimensions({ skipStar: true }), {}, `${TREE}.dimensions[0].name: must be given`],
    [
      dimensions({ name: 'city', granularity: 'hour' }),
      {},
      `${TREE}.dimensions[0].granularity: only __time is cut into buckets, not "city"; leave it out; got "hour"`,
    ],
    [
      dimensions('__time'),
      {},
      `${TREE}.dimensions[0].granularity: want what times are cut into, such as "minute" or "hour"; or leave __time out of the tree; got nothing`,
    ],
    [
      dimensions({ name: '__time', granularity: 'none' }),
      {},
      'want what times are cut into',
      'got "none"',
    ],
    [
      dimensions({ name: '__time', granularity: 'all' }),
      hourly,
      'want what times are cut into',
      'got "all"',
    ],
    [
      dimensions({ name: '__time', granularity: 'hours' }),
      {},
      `${TREE}.dimensions[0].granularity`,
      'hours',
      'use one of all, none, second',
    ],
    [metrics({ type: 'longsum', name: 'x' }), {}, `${TREE}.metrics[0]`, 'longsum'],
    [
      metrics({ type: 'grouping', name: 'x', groupings: ['city'] }),
      {},
      `${TREE}.metrics[0].type: 'grouping' is for queries only`,
    ],
    [
      metrics(sumOf('added', 'delta')),
      {},
      `${TREE}.metrics[0]: want an aggregator as queries have it, over columns that are stored: __time, country, city, user, any, doc, tags, rows, added; got "delta"`,
    ],
    [metrics(sumOf('x', 'delta')), discovered, 'over columns that are stored', 'got "delta"'],
    [
      metrics(SUM, sumOf('added', 'rows')),
      {},
      `${TREE}.metrics: the name "added" is that of a dimension or of another metric of the tree; choose another one`,
    ],
    [metrics(sumOf('city', 'rows')), {}, 'the name "city" is that of a dimension'],
    [metrics(sumOf('__time', 'rows')), {}, 'the name "__time" is that of a dimension'],
    [[{ metrics: [sumOf('country', 'rows')] }], {}, 'the name "country" is that of a dimension'],
  ])('%j', (starTrees, schema, ...parts) => {
    const message = problemOf(starTrees, schema);
    for (const part of parts) expect(message).toContain(part);
  });

  test('all of it at once', () => {
    const message = problemOf([{ dimensions: ['town'] }, { dimensions: ['city'], maxShare: -1 }]);
    expect(message).toContain('starTrees[0].dimensions[0]');
    expect(message).toContain('starTrees[1].maxShare');
  });
});
