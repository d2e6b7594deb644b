import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assertReaching } from '../../core/testing.js';
import { buildStarTree } from './build-tree.js';
import { findRecords } from './find-records.js';
import { areSound } from './sound-nodes.js';
import { STAR, type StarNodes } from './star-tree.js';

const SIZES = [3, 4, 2];

function built(skipStar: readonly boolean[], maxLeafRecords: number) {
  const rowCount = 200;
  const codes = SIZES.map((size, i) =>
    Int32Array.from({ length: rowCount }, (_, row) => ((row * (2 * i + 5)) >> i) % size),
  );
  const maxRecords = Number.POSITIVE_INFINITY;
  const tree = buildStarTree({
    codes,
    sizes: SIZES,
    rowCount,
    maxLeafRecords,
    skipStar,
    maxRecords,
  })!;
  return { nodes: tree.nodes, recordCount: tree.records.count };
}

const FIELDS = ['codes', 'starts', 'ends', 'summed', 'firsts', 'lasts'] as const;
type Field = (typeof FIELDS)[number];

function withOther(nodes: StarNodes, changes: readonly [Field, number, number][]): StarNodes {
  const copy = Object.fromEntries(FIELDS.map((field) => [field, nodes[field].slice()])) as Record<
    Field,
    Int32Array
  >;
  for (const [field, node, value] of changes) copy[field][node] = value;
  return copy;
}

const shapes = fc.record({
  skipStar: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  maxLeafRecords: fc.constantFrom(1, 4, 1000),
});

test('nodes that were built are sound', () => {
  fc.assert(
    fc.property(shapes, ({ skipStar, maxLeafRecords }) => {
      const { nodes, recordCount } = built(skipStar, maxLeafRecords);
      expect(areSound(nodes, recordCount, SIZES)).toBe(true);
    }),
  );
});

const { nodes, recordCount } = built([false, false, false], 1);
const [first, last] = [nodes.firsts[0]!, nodes.lasts[0]!];
const inner = first + 1;
/** Of the second level: children of the first child that is no star child. */
const below = nodes.firsts[inner]!;

test.each<[string, [Field, number, number][]]>([
  ['a root of a code', [['codes', 0, 0]]],
  ['records that are not there', [['ends', inner, recordCount + 1]]],
  ['records that end before they begin', [['ends', below, nodes.starts[below]!]]],
  ['records before the first', [['starts', below, -1]]],
  ['a summed record that is not there', [['summed', below, recordCount]]],
  ['a summed record before the first', [['summed', below, -1]]],
  ['itself as a child', [['firsts', inner, inner]]],
  ['a child before it', [['firsts', inner, 0]]],
  ['children that are not there', [['lasts', 0, nodes.codes.length + 1]]],
  ['children that end before they begin', [['lasts', inner, below - 1]]],
  ['a child too few', [['lasts', 0, last - 1]]],
  [
    'children of another node',
    [
      ['firsts', first, below],
      ['lasts', first, below + 1],
    ],
  ],
  ['a code twice', [['codes', last - 1, nodes.codes[last - 2]!]]],
  ['a code that does not exist', [['codes', last - 1, 3]]],
  ['a second star child', [['codes', inner, STAR]]],
  ['a code below all', [['codes', inner, -2]]],
  ['a gap between records of children', [['starts', last - 1, nodes.starts[last - 1]! + 1]]],
])('%s: no writer writes it', (_, changes) => {
  expect(nodes.codes[first]).toBe(STAR);
  expect(areSound(nodes, recordCount, SIZES)).toBe(true);
  expect(areSound(withOther(nodes, changes), recordCount, SIZES)).toBe(false);
});

test('no deeper than there are dimensions', () => {
  expect(areSound(nodes, recordCount, SIZES.slice(0, 2))).toBe(false);
});

test('whatever nodes say, sound ones are gone down once, and lead to records that are there', async () => {
  const value = fc.oneof(fc.integer({ min: -2, max: 40 }), fc.integer());
  const change = fc.tuple(fc.constantFrom(...FIELDS), fc.nat(nodes.codes.length - 1), value);
  let sound = 0;
  await assertReaching(
    fc.property(
      fc.array(change, { minLength: 1, maxLength: 3 }),
      fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      (changes, isRead) => {
        const other = withOther(nodes, changes);
        if (!areSound(other, recordCount, SIZES)) return;
        sound++;
        const { ranges } = findRecords(other, { passing: [null, null, null], isRead });
        for (const end of ranges) expect(end).toBeLessThanOrEqual(recordCount);
      },
    ),
    3000,
    () => {
      expect(sound).toBeGreaterThan(0);
    },
  );
});
