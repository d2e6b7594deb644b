import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Evaluation } from './evaluate.js';
import { parsePath } from './parse-path.js';

const read = (text: string, record: unknown): unknown =>
  new Evaluation(() => record).read(parsePath(text, 'expr'), record);

/** The example of Jayway's and of Goessner's pages. */
const STORE = {
  store: {
    book: [
      { category: 'reference', author: 'Nigel Rees', title: 'Sayings', price: 8.95 },
      { category: 'fiction', author: 'Evelyn Waugh', title: 'Sword', price: 12.99 },
      {
        category: 'fiction',
        author: 'Herman Melville',
        title: 'Moby Dick',
        isbn: '0-553',
        price: 8.99,
      },
      {
        category: 'fiction',
        author: 'J. R. R. Tolkien',
        title: 'Rings',
        isbn: '0-395',
        price: 22.99,
      },
    ],
    bicycle: { color: 'red', price: 19.95 },
  },
  expensive: 10,
  'a.b c': { 'it\'s "q"': 1 },
  '@timestamp': 5,
  ns: [3, 1, 2],
  big: [9007199254740993n, 1],
  mixed: ['a', 1, null, 'b'],
};
const authors = ['Nigel Rees', 'Evelyn Waugh', 'Herman Melville', 'J. R. R. Tolkien'];
const prices = [8.95, 12.99, 8.99, 22.99];

describe('paths as Jayway reads them', () => {
  test.each<[string, unknown]>([
    ['$.expensive', 10],
    ["$['a.b c']['it\\'s \"q\"']", 1],
    ['$.@timestamp', 5],
    ['$.nothing.at.all', undefined],
    ['$.store.book[0].title', 'Sayings'],
    ['$.store.book[-1].title', 'Rings'],
    ['$.store.book[9].title', undefined],
    ['$.store.book[*].author', authors],
    ['$..author', authors],
    ['$.store..price', [...prices, 19.95].sort(() => 0)],
    ['$.store.*', [STORE.store.book, STORE.store.bicycle]],
    ['$..book[2].isbn', ['0-553']],
    ['$..book[0,1].title', ['Sayings', 'Sword']],
    ['$..book[:2].title', ['Sayings', 'Sword']],
    ['$..book[1:2].title', ['Sword']],
    ['$..book[-2:].title', ['Moby Dick', 'Rings']],
    ['$..book[2:].title', ['Moby Dick', 'Rings']],
    ['$..book[?(@.isbn)].title', ['Moby Dick', 'Rings']],
    ['$.store.book[?(@.price < 10)].title', ['Sayings', 'Moby Dick']],
    ["$..book[?(@.price <= $['expensive'])].title", ['Sayings', 'Moby Dick']],
    ['$..book[?(@.author =~ /.*REES/i)].title', ['Sayings']],
    ['$..book[?(!@.isbn && @.price > 9)].title', ['Sword']],
    ["$..book[?(@.category == 'reference' || @.price > 20)].title", ['Sayings', 'Rings']],
    ['$..book[?(@.category in [\'reference\', "x"])].title', ['Sayings']],
    ["$..book[?(@.category nin ['fiction'])].title", ['Sayings']],
    ['$..book[?(@.title contains "o")].title', ['Sword', 'Moby Dick']],
    ['$..book[?(@.title size 5)].title', ['Sword', 'Rings']],
    ['$.store.bicycle[?(@.color == "red")].price', [19.95]],
    ["$.store.bicycle['color', 'price', 'x']", { color: 'red', price: 19.95 }],
    ['$.mixed[?(@ == null)]', [null]],
    ['$..book.length()', 4],
    ['$.store.bicycle.length()', 2],
    ['$.store.bicycle.keys()', ['color', 'price']],
    ['$.expensive.keys()', null],
    ['$.ns.min()', 1],
    ['$.ns.max()', 3],
    ['$.ns.avg()', 2],
    ['$.ns.sum()', 6],
    ['$.big.sum()', 9007199254740994n],
    ['$.ns.stddev()', Math.sqrt(2 / 3)],
    ['$.mixed.concat()', 'a1b'],
    ['$.concat($.store.bicycle.color, "-", $.expensive)', 'red-10'],
    ['$.sum($.ns, $.expensive)', 16],
    ['$.store.book[*].price.max()', 22.99],
    ['$.ns.first()', 3],
    ['$.ns.last()', 2],
    ['$.none.sum()', null],
    ['$.mixed[?(@ =~ /b/)].length()', 1],
    ['$', STORE],
  ])('%s', (path, expected) => {
    expect(read(path, STORE)).toEqual(expected);
  });
});

test('an object is scanned before what is below it', () => {
  expect(read('$..a', { a: { a: 1 }, b: [{ a: 2 }] })).toEqual([{ a: 1 }, 1, 2]);
  expect(read('$..[0]', { a: [[5], 6] })).toEqual([[5], 5]);
  expect(read('$..*', { a: [1] })).toEqual([[1], 1]);
});

test('members named as those of prototypes are members only where they are', () => {
  expect(read('$.constructor', {})).toBe(undefined);
  expect(read('$.a.length', { a: [1, 2] })).toBe(undefined);
  expect(read('$.__proto__', JSON.parse('{"__proto__": 1}'))).toBe(1);
});

test.each([
  ['a.b', 'want "$"'],
  ['$.', 'want a name'],
  ['$.a b', 'should end'],
  ['$.a[b]', 'want a name in quotes'],
  ['$.a[?(@.b ==)]', 'want a path, a number'],
  ['$.a[?(@.b == 1]', 'want ")"'],
  ['$.a.median()', 'no function "median"'],
  ["$.a['b", 'text in quotes'],
  ['$.a[?(@.b =~ /x)]', 'does not end'],
  ['$.a[?(@.b =~ /(/)]', 'regular expression'],
])('%s is refused', (path, why) => {
  expect(() => parsePath(path, 'fields[0].expr')).toThrow(why);
  expect(() => parsePath(path, 'fields[0].expr')).toThrow('fields[0].expr');
});

test('a path that would take for ever is given up', () => {
  let record: unknown = 1;
  for (let i = 0; i < 100; i++) record = { a: record, b: i };
  expect(() => read('$..*..*..*..*..*', record)).toThrow(RangeError);
});

const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.integer(),
    fc.constantFrom('x', 'y'),
    fc.constant(null),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('any'), { maxLength: 4 }),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c d'), tie('any'), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
})).any;

/** What a reader would do by hand: every value below, parents first. */
const allBelow = (one: unknown): unknown[] => {
  const children = typeof one === 'object' && one !== null ? Object.values(one) : [];
  return [one, ...children.flatMap(allBelow)];
};

test('scans find what lies below, however deep', () => {
  fc.assert(
    fc.property(value, (record) => {
      const members = allBelow(record).flatMap((one) =>
        typeof one === 'object' && one !== null && !Array.isArray(one) && Object.hasOwn(one, 'a')
          ? [(one as { a: unknown }).a]
          : [],
      );
      expect(read('$..a', record)).toEqual(members);
      expect((read('$..*', record) as unknown[]).length).toBe(allBelow(record).length - 1);
    }),
  );
});

test('whatever is written, it is read or refused', () => {
  const piece = fc.constantFrom(
    '$',
    '.',
    '..',
    '*',
    '[',
    ']',
    '(',
    ')',
    '?',
    '@',
    'a',
    "'b'",
    '1',
    ':',
    ',',
    '==',
    '&&',
    '!',
    '/x/',
    'sum()',
    ' ',
    'in',
    '-',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), value, (pieces, record) => {
      try {
        read(`$${pieces.join('')}`, record);
      } catch (error) {
        expect((error as Error).message).toMatch(/is not a JSONPath|too many values/);
      }
    }),
    { numRuns: 2000 },
  );
});
