import { expect, test } from 'vitest';
import { ask } from './fixture-testing.js';
import { TestTables } from './testing.js';

/** On the first two texts V8 would not come to an end with these patterns. */
const LONG = 'a'.repeat(2_000);
const ROWS = [LONG, `${LONG}!`, 'b'].map((s, i) => ({ __time: i, s, n: i }));
const PATTERN = '^(a+)+$';
const PART = '(a+)+$|b';
const tables = new TestTables().add('t', { dimensions: { s: 'STRING', n: 'LONG' } }, [
  { rows: ROWS },
]);

const COUNT = { type: 'count', name: 'rows' };
const grouped = (query: Record<string, unknown>) =>
  ask(
    {
      queryType: 'groupBy',
      granularity: 'all',
      dimensions: ['n'],
      aggregations: [COUNT],
      context: { resultAsArray: true },
      ...query,
    },
    tables,
  );
const expression = (text: string) => ({
  type: 'expression',
  name: 'e',
  expression: text,
  outputType: 'STRING',
});

test.each([
  {
    name: 'a filter',
    query: { filter: { type: 'regex', dimension: 's', pattern: PATTERN } },
    expected: [['0', 1]],
  },
  {
    name: 'a search query',
    query: { filter: { type: 'search', dimension: 's', query: { type: 'regex', pattern: PART } } },
    expected: [
      ['0', 1],
      ['2', 1],
    ],
  },
  {
    name: 'an extraction function',
    query: {
      dimensions: [
        {
          type: 'extraction',
          dimension: 's',
          outputName: 'k',
          extractionFn: { type: 'regex', expr: '(?:(a)+)+$', replaceMissingValue: true },
        },
      ],
    },
    expected: [
      [null, 2],
      ['a', 1],
    ],
  },
  {
    name: 'a filtered dimension',
    query: {
      dimensions: [
        {
          type: 'regexFiltered',
          delegate: { type: 'default', dimension: 's' },
          pattern: '(a+)+b|b',
        },
      ],
    },
    expected: [
      [null, 2],
      ['b', 1],
    ],
  },
  {
    name: 'a having',
    query: {
      dimensions: ['s'],
      having: { type: 'filter', filter: { type: 'regex', dimension: 's', pattern: '^(a|aa)+$|b' } },
    },
    expected: [
      [LONG, 1],
      ['b', 1],
    ],
  },
  {
    name: 'a post-aggregator',
    query: {
      dimensions: ['s'],
      postAggregations: [expression(`regexp_like(s, '${PATTERN}')`)],
    },
    expected: [
      [LONG, 1, '1'],
      [`${LONG}!`, 1, '0'],
      ['b', 1, '0'],
    ],
  },
  {
    name: 'an expression over constants',
    query: {
      dimensions: ['e'],
      virtualColumns: [
        expression(
          `concat(regexp_like('${LONG}!', '${PATTERN}'), regexp_replace('${LONG}!', '(a+)+', 'x'))`,
        ),
      ],
    },
    expected: [['0x!', 3]],
  },
])('$name with a pattern that blows up is answered', async ({ query, expected }) => {
  expect(await grouped(query)).toEqual(expected);
});

test('a pattern that only steps can end is refused with a limit', async () => {
  const filter = { type: 'regex', dimension: 's', pattern: '^(a*)*\\1b' };
  await expect(grouped({ filter })).rejects.toMatchObject({ family: 'resourceLimit' });
});
