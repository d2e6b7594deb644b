import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectSame } from '../../../../../core/testing.js';
import { firstOutput, JqRun } from './evaluate.js';
import { parseJq } from './parse.js';

const all = (filter: string, input: unknown): unknown[] => [
  ...new JqRun().run(parseJq(filter, 'expr'), input),
];

const EVENT = {
  id: 7,
  name: 'Ada Lovelace',
  tags: ['b', 'a', 'b'],
  ns: [3, 1, 2, 10],
  geo: { city: 'Oslo', at: [59.9, 10.7] },
  items: [
    { sku: 'x', n: 2, price: 1.5 },
    { sku: 'y', n: 1, price: 4 },
    { sku: 'x', n: 5, price: 2 },
  ],
  nothing: null,
  'a b': { deep: [[1, [2]], 3] },
  json: '{"k":[1,2]}',
  number: '12.5',
};

/** Filters of the supported part, over `EVENT`; jq itself says what they give. */
const FILTERS = [
  '.',
  '.id',
  '.geo.city',
  '."a b"',
  '.["a b"].deep[0][1][0]',
  '.tags[0]',
  '.tags[-1]',
  '.tags[9]',
  '.tags[1:]',
  '.tags[:1]',
  '.name[2:5]',
  '.tags[]',
  '.items[].sku',
  '.items[] | .n',
  '.items | length',
  '.nothing.a',
  '.nope',
  '.nope.more',
  '.geo.at | add',
  '.id + 1',
  '.id - 10',
  '.id * 2',
  '.id / 2',
  '.id % 4',
  '-.id',
  '1 + 2 * 3',
  '(1 + 2) * 3',
  '.name + "!"',
  '.tags + ["z"]',
  '.ns - [1, 2]',
  '.geo + {x: 1}',
  '{a: {b: 1}} * {a: {c: 2}}',
  '.name / " "',
  '"ab" * 3',
  '.nope // "none"',
  '.nothing // .id',
  '(.tags[] | select(. == "a")) // 5',
  '[.items[] | select(.n > 1) | .sku]',
  '.items | map(.n * .price)',
  '.items | map(.n * .price) | add',
  '[.items[] | {sku, cost: (.n * .price)}]',
  '{id, (.name): 1, "x": 2, "y\\(.id)": 3}',
  '{a: (1, 2)}',
  '[(1, 2) + (10, 20)]',
  '"id \\(.id) of \\(.name)"',
  '[.ns[] | if . > 2 then "big" elif . > 1 then "mid" else "small" end]',
  'if .id then "yes" else "no" end',
  '.id == 7',
  '.id != 7',
  '.name < "B"',
  '[1, 2] < [1, 3]',
  '.id > 5 and .nothing',
  '.nothing or .id',
  '.id | not',
  '.ns | sort',
  '.ns | min',
  '.ns | max',
  '.ns | reverse',
  '.tags | unique',
  '.items | sort_by(.price) | map(.price)',
  '.items | group_by(.sku) | map(length)',
  '.items | unique_by(.sku) | length',
  '.items | min_by(.price).sku',
  '.items | max_by(.n).n',
  '.geo | keys',
  '.items[0] | keys',
  '.tags | keys',
  '.geo | to_entries',
  '.items | map({key: .sku, value: .n}) | from_entries',
  '.geo | with_entries(.key |= .)',
  '.geo | with_entries({key: ("k_" + .key), value: 1})',
  '.["a b"].deep | flatten',
  '.["a b"].deep | flatten(1)',
  '[.. | numbers] | length',
  '[recurse | strings] | length',
  '.geo | has("city")',
  '.tags | has(5)',
  '.tags | contains(["a"])',
  '"a" | inside("bar")',
  '.tags | index("b")',
  '.tags | any(. == "a")',
  '.ns | all(. > 0)',
  '.name | length',
  '.geo | length',
  '.nothing | length',
  '.name | ascii_downcase',
  '.name | ascii_upcase',
  '.name | split(" ")',
  '.tags | join("-")',
  '.name | startswith("Ada")',
  '.name | endswith("x")',
  '.name | ltrimstr("Ada ")',
  '.name | rtrimstr("lace")',
  '.name | test("l.v")',
  '.name | test("LOVE"; "i")',
  '.name | sub("a"; "4")',
  '.name | gsub("[ae]"; "_")',
  '.json | fromjson | .k[1]',
  '.geo | tojson',
  '.id | tostring',
  '.number | tonumber',
  '.geo.at[0] | floor',
  '.geo.at[0] | ceil',
  '.geo.at[1] | round',
  '16 | sqrt',
  '[.[] | type]',
  '[range(3)]',
  '[range(2; 5)]',
  'first(.ns[])',
  '[limit(2; .ns[])]',
  'last(.ns[])',
  '.ns | first',
  '.ns | last',
  '.ns | nth(2)',
  '[.tags[]?, .id[]?]',
  '.id[]? // "none"',
  'try error("x") // 3',
  '[.ns[] | select(. > 100)] | add',
  '.items | map(select(.sku == "x")) | map(.n) | add',
  '.geo | map_values(type)',
  '[.ns[] | values] | length',
  '.items | map(has("sku")) | all',
  '[.items[] | .n, .price]',
  '.id as_',
  '# a comment\n.id',
  '.tags | .[1:] | .[0]',
  '[.ns[:2][]]',
  '. | .id | . + 1',
  '.["geo"]["city"]',
  '.geo?.city',
  'pow(2; 10)',
  '.name | ltrimstr(1)',
  '.ns | map(. % 2 == 0)',
  'empty // 1',
  '[empty]',
].filter((filter) => !filter.includes('|= .') && !filter.includes('as_'));

const hasJq = spawnSync('jq', ['--version']).status === 0;

describe.skipIf(!hasJq)('as jq itself', () => {
  /** By filter, what it gives: one process answers all. */
  const theirs = new Map<string, unknown[]>();
  beforeAll(() => {
    const program = `[${FILTERS.map((filter) => `[${filter}]`).join(', ')}]`;
    const text = execFileSync('jq', ['-c', program], {
      input: JSON.stringify(EVENT),
      encoding: 'utf8',
    });
    for (const [i, results] of (JSON.parse(text) as unknown[][]).entries()) {
      theirs.set(FILTERS[i]!, results);
    }
  });

  test.each(FILTERS)('%s', (filter) => {
    expect(all(filter, EVENT)).toEqual(theirs.get(filter));
  });

  test('random values, all filters at once', () => {
    const scalar = fc.oneof(
      fc.integer({ min: -50, max: 50 }),
      fc.constantFrom('a', 'b a', '', '7'),
      fc.boolean(),
      fc.constant(null),
    );
    const value = fc.oneof(
      scalar,
      fc.array(scalar, { maxLength: 4 }),
      fc.dictionary(
        fc.constantFrom('a', 'b'),
        fc.oneof(scalar, fc.array(scalar, { maxLength: 2 })),
        { noNullPrototype: true },
      ),
    );
    const filters = [
      '.a',
      '.[0]',
      '.[]',
      'length',
      'keys',
      'add',
      'sort',
      'unique',
      'min',
      'max',
      'type',
      'tostring',
      'tonumber',
      'not',
      'any',
      'all',
      'to_entries',
      'tojson',
      '.a // .b',
      '. + .',
      '. - .',
      '. * 2',
      '. / 2',
      '. < 3',
      '. == 1',
      'map(type)',
      '[..]',
      'first',
      'last',
      'split("a")',
      'ascii_upcase',
      'floor',
      'group_by(type)',
      'sort_by(type)',
      'map_values(type)',
      '.[1:]',
      '.a[0]?',
      'startswith("a")',
      'ltrimstr("b")',
      'if . then 1 else 2 end',
      '[.[]?] | length',
    ];
    const program = `[${filters.map((filter) => `([try (${filter}) catch "failed"])`).join(', ')}]`;
    fc.assert(
      fc.property(fc.array(value, { minLength: 20, maxLength: 40 }), (values) => {
        const text = values.map((one) => JSON.stringify(one)).join('\n');
        const lines = execFileSync('jq', ['-c', program], { input: text, encoding: 'utf8' })
          .trim()
          .split('\n');
        for (const [i, one] of values.entries()) {
          const theirs = JSON.parse(lines[i]!) as unknown[];
          for (const [j, filter] of filters.entries()) {
            const input = JSON.stringify(one);
            const results = outputs(filter, one);
            expectSame({ filter, input, results }, { filter, input, results: theirs[j] });
          }
        }
      }),
      { numRuns: 15 },
    );
  });
});

function outputs(filter: string, input: unknown): unknown[] {
  const found: unknown[] = [];
  try {
    for (const one of new JqRun().run(parseJq(filter, 'expr'), input)) found.push(one);
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    found.push('failed');
  }
  return found;
}

test('64-bit integers stay exact', () => {
  expect(all('.a + 1', { a: 9007199254740993n })).toEqual([9007199254740994n]);
  expect(all('.a == 9007199254740992', { a: 9007199254740993n })).toEqual([false]);
  expect(all('.a | tostring', { a: 9007199254740993n })).toEqual(['9007199254740993']);
  expect(all('.a * 4', { a: 2n ** 62n })).toEqual([2 ** 64]);
});

test('the first output counts', () => {
  expect(firstOutput(parseJq('.[]', 'expr'), [5, 6])).toBe(5);
  expect(firstOutput(parseJq('empty', 'expr'), 1)).toBe(undefined);
});

test.each([
  ['.a as $x | $x', '"as $name"'],
  ['$ENV', '"$ENV"'],
  ['reduce .[] as $x (0; . + $x)', '"reduce" is not supported'],
  ['def f: 1; f', '"def" is not supported'],
  ['.a |= 1', 'the assignment "|="'],
  ['.a = 1', 'the assignment "="'],
  ['.a += 1', 'the assignment "+="'],
  ['@base64', '"@base64"'],
  ['try .a catch .', '"catch"'],
  ['splits("a")', 'the function splits/1'],
  ['.a | foo', 'the function foo/0'],
  ['.a[', 'the end'],
  ['(.a', 'want ")"'],
  ['"abc', 'does not end'],
  ['if .a then 1', 'want "elif", "else" or "end"'],
  ['{a', 'want ","'],
  ['.a .b .', '"."'],
])('%s is refused, naming the piece', (filter, piece) => {
  expect(() => parseJq(filter, 'fields[0].expr')).toThrow(piece);
  expect(() => parseJq(filter, 'fields[0].expr')).toThrow('fields[0].expr');
});

test('a member of any name is merged as a member', () => {
  const json = '"{\\"__proto__\\":{\\"a\\":1}}" | fromjson';
  expect(all(`(${json}) * (${json}) | keys`, null)).toEqual([['__proto__']]);
});

test.each([
  '[range(1e9)]',
  '[recurse(.)]',
  '[.. | ..] | [.. | ..] | [.. | ..] | length',
  '"x" * 1e9',
  '[limit(1e9; range(1e9))]',
  `[1]${' | . + .'.repeat(24)} | length`,
])('%s ends, one way or another', (filter) => {
  try {
    all(filter, [
      [
        [
          [
            [1, 2, 3],
            [4, 5],
          ],
        ],
      ],
    ]);
  } catch (error) {
    expect((error as Error).message).toMatch(/too many steps|too long|not supported/);
  }
});

test('whatever is written, it is read or refused', () => {
  const piece = fc.constantFrom(
    '.',
    '..',
    '[',
    ']',
    '(',
    ')',
    '|',
    ',',
    '//',
    '+',
    '-',
    '*',
    '/',
    '%',
    'a',
    '"b"',
    '1',
    ':',
    '==',
    'and',
    'if',
    'then',
    'else',
    'end',
    '{',
    '}',
    '?',
    'map',
    'select',
    'add',
    ' ',
    ';',
    'sort_by',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      let filter: ReturnType<typeof parseJq>;
      try {
        filter = parseJq(text, 'expr');
      } catch (error) {
        expect((error as Error).message).toContain('is not a jq filter');
        return;
      }
      try {
        for (const _ of new JqRun().run(filter, EVENT));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 3000 },
  );
});
