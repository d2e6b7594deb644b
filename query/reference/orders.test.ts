import { describe, expect, test } from 'vitest';
import { type AskText, askText } from './asking-testing.js';

/** 🙂 lies behind \uffff in the order of code points and of UTF-8, before it in that of JavaScript. */
const SMILE = '\u{1f642}';
const WORDS = ['b', 'a10', '10', null, '', '9', 'a9', 'a09', '1.5', '-1', '\uffff', SMILE, 'B'];
const tableOf = (words: readonly (string | null)[]): AskText =>
  askText(
    { dimensions: { word: 'STRING' } },
    words.map((word, i) => ({ __time: i, word })),
  );
const ask = tableOf(WORDS);
const COUNT = { type: 'count', name: 'c' };
const GROUP = {
  queryType: 'groupBy',
  granularity: 'all',
  dimensions: ['word'],
  aggregations: [COUNT],
};
const TOP = { ...GROUP, queryType: 'topN', dimension: 'word', threshold: 99 };
const SEARCH = { queryType: 'search', query: { type: 'all' }, searchDimensions: ['word'] };

const wordsOf = (answer: string): unknown[] =>
  [...answer.matchAll(/"(?:word|value)":("[^"]*"|null)/g)].map(([, word]) => JSON.parse(word!));
const ordered = async (query: Record<string, unknown>, from = ask) => wordsOf(await from(query));
const byColumn = (dimensionOrder: unknown, direction = 'ascending') => ({
  ...GROUP,
  limitSpec: { type: 'default', columns: [{ dimension: 'word', direction, dimensionOrder }] },
});

const LEXICOGRAPHIC = [
  null,
  '',
  '-1',
  '1.5',
  '10',
  '9',
  'B',
  'a09',
  'a10',
  'a9',
  'b',
  '\uffff',
  SMILE,
];
const ORDERS = [
  { order: 'lexicographic', words: LEXICOGRAPHIC },
  { order: 'natural', words: LEXICOGRAPHIC },
  {
    order: 'numeric',
    words: [null, '', 'B', 'a09', 'a10', 'a9', 'b', '\uffff', SMILE, '-1', '1.5', '9', '10'],
  },
  {
    order: 'alphanumeric',
    words: [null, '', '1.5', '9', '10', '-1', 'a9', 'a09', 'a10', 'B', 'b', SMILE, '\uffff'],
  },
  {
    order: 'strlen',
    words: [null, '', '9', 'B', 'b', '\uffff', '-1', '10', 'a9', SMILE, '1.5', 'a09', 'a10'],
  },
];

describe.each(ORDERS)('$order', ({ order, words }) => {
  test('of a limitSpec, up and down', async () => {
    expect(await ordered(byColumn(order))).toEqual(words);
    const down = await ordered(byColumn(order, 'descending'));
    expect(down.at(-1)).toBeNull();
    if (order !== 'alphanumeric') expect(down).toEqual([...words].reverse());
  });

  test('of a topN by its dimension, and from a value on', async () => {
    const metric = { type: 'dimension', ordering: order };
    expect(await ordered({ ...TOP, metric })).toEqual(words);
    const behind = { ...metric, previousStop: '9' };
    const rest = words.slice(words.indexOf('9') + 1);
    expect(await ordered({ ...TOP, metric: behind })).toEqual(rest);
  });
});

test.each(ORDERS.filter(({ order }) => order !== 'natural'))(
  'a bound filter of the order $order takes what lies behind, or before: nulls, too',
  async ({ order, words }) => {
    const bound = { type: 'bound', dimension: 'word', ordering: order };
    const matching = async (limits: object) =>
      new Set(await ordered({ ...GROUP, filter: { ...bound, ...limits } }));
    const at = words.indexOf('9');
    expect(await matching({ lower: '9', lowerStrict: true })).toEqual(new Set(words.slice(at + 1)));
    expect(await matching({ upper: '9', upperStrict: true })).toEqual(new Set(words.slice(0, at)));
  },
);

test.each(ORDERS.filter(({ order }) => order !== 'natural'))(
  'a search sorts by $order, without nulls',
  async ({ order, words }) => {
    expect(await ordered({ ...SEARCH, sort: { type: order } })).toEqual(words.slice(1));
  },
);

test('versions are those of Maven', async () => {
  const versions = ['9.0', '1.0.0', '10.0', '1.0.0-SNAPSHOT', '1.0.1', '1.0-rc1', null];
  const from = tableOf(versions);
  const sorted = [null, '1.0-rc1', '1.0.0-SNAPSHOT', '1.0.0', '1.0.1', '9.0', '10.0'];
  expect(await ordered(byColumn('version'), from)).toEqual(sorted);
  expect(
    await ordered({ ...TOP, metric: { type: 'dimension', ordering: 'version' } }, from),
  ).toEqual(sorted);
});

test('words with the same place in an order are in the order of texts', async () => {
  const from = tableOf(['b', 'B', 'A', 'a', 'x', '01', '1']);
  const sorted = ['1', '01', 'A', 'a', 'B', 'b', 'x'];
  expect(await ordered(byColumn('alphanumeric'), from)).toEqual(sorted);
  const metric = { type: 'dimension', ordering: 'alphanumeric' };
  expect(await ordered({ ...TOP, metric }, from)).toEqual(sorted);
  expect(await ordered({ ...SEARCH, sort: { type: 'alphanumeric' } }, from)).toEqual(sorted);
});

test.each([
  { name: 'absent', order: undefined },
  { name: 'null', order: null },
  { name: 'in any case', order: 'Lexicographic' },
])('an order that is $name', async ({ order }) => {
  expect(await ordered(byColumn(order))).toEqual(LEXICOGRAPHIC);
});

test('an order may be an object in a limitSpec', async () => {
  expect(await ordered(byColumn({ type: 'numeric' }))).toEqual(await ordered(byColumn('numeric')));
});

test.each([
  byColumn('random'),
  { ...TOP, metric: { type: 'dimension', ordering: 'random' } },
  { ...SEARCH, sort: { type: 'random' } },
])('an order that nobody knows is refused in a $queryType', async (query) => {
  await expect(ask(query)).rejects.toThrow('want one of lexicographic, numeric, alphanumeric');
});
