import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CodeSet } from '../codes.js';
import { buildStarTree } from './build-tree.js';
import { findRecords } from './find-records.js';
import { RecordSorter } from './sort-records.js';
import { STAR, type StarTree, type StarTreeSpec } from './star-tree.js';

const table = fc.integer({ min: 1, max: 5 }).chain((dimensions) =>
  fc.record({
    sizes: fc.array(fc.constantFrom(1, 2, 3, 7, 20, 400), {
      minLength: dimensions,
      maxLength: dimensions,
    }),
    rowCount: fc.integer({ min: 1, max: 600 }),
    seed: fc.nat(),
    maxLeafRecords: fc.constantFrom(1, 2, 5, 30, 1000),
    skipStar: fc.array(fc.boolean(), { minLength: dimensions, maxLength: dimensions }),
  }),
);

interface Case extends StarTreeSpec {
  readonly metric: Float64Array;
}

/** Codes with few common ones, as real ones are. */
function caseOf({
  sizes,
  rowCount,
  seed,
  maxLeafRecords,
  skipStar,
}: Parameters<typeof rowsOf>[0] & Pick<StarTreeSpec, 'maxLeafRecords' | 'skipStar'>): Case {
  return {
    ...rowsOf({ sizes, rowCount, seed }),
    maxLeafRecords,
    skipStar,
    maxRecords: Number.POSITIVE_INFINITY,
  };
}

function rowsOf({ sizes, rowCount, seed }: { sizes: number[]; rowCount: number; seed: number }) {
  let state = seed | 1;
  const next = (): number => {
    state = (Math.imul(state, 0x19660d) + 0x3c6ef35f) | 0;
    return (state >>> 0) / 2 ** 32;
  };
  const codes = sizes.map((size) =>
    Int32Array.from({ length: rowCount }, () => Math.floor(size * next() * next())),
  );
  const metric = Float64Array.from({ length: rowCount }, () => Math.floor(1000 * next()));
  return { codes, sizes, rowCount, metric };
}

/** The sum of the metric, by record. */
function sumsOf({ records }: StarTree, metric: Float64Array): Float64Array {
  const sums = new Float64Array(records.count);
  for (let record = 0; record < records.count; record++) {
    const from = record === 0 ? 0 : records.ends[record - 1]!;
    const values = record < records.baseCount ? metric : sums;
    for (let i = from; i < records.ends[record]!; i++)
      sums[record]! += values[records.members[i]!]!;
  }
  return sums;
}

const has = (set: CodeSet, code: number): boolean =>
  set.kind === 'table'
    ? set.table[code] === 1
    : set.ranges.some(({ from, to }) => from <= code && code < to);

function groupsOf(
  rows: Iterable<number>,
  codes: readonly ArrayLike<number>[],
  values: Float64Array,
  passing: readonly (CodeSet | null)[],
  isGrouped: readonly boolean[],
): Map<string, number> {
  const groups = new Map<string, number>();
  for (const row of rows) {
    if (passing.some((set, d) => set !== null && !has(set, codes[d]![row]!))) continue;
    const key = codes.map((column, d) => (isGrouped[d] ? column[row] : '*')).join();
    groups.set(key, (groups.get(key) ?? 0) + values[row]!);
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const codeSet = (size: number): fc.Arbitrary<CodeSet> =>
  fc.oneof(
    fc
      .array(fc.constantFrom(0, 0, 1), { minLength: size, maxLength: size })
      .map((table): CodeSet => ({ kind: 'table', table: Uint8Array.from(table) })),
    fc.tuple(fc.nat(size - 1), fc.nat(size)).map(
      ([from, length]): CodeSet => ({
        kind: 'ranges',
        ranges: [{ from, to: from + 1 + length }],
      }),
    ),
    fc.constant<CodeSet>({ kind: 'ranges', ranges: [] }),
  );

test('the records that a query finds hold what the rows hold', () => {
  const cases = table.chain((spec) =>
    fc.record({
      spec: fc.constant(caseOf(spec)),
      queries: fc.array(
        fc.record({
          passing: fc.tuple(...spec.sizes.map((size) => fc.option(codeSet(size), { freq: 2 }))),
          isGrouped: fc.array(fc.boolean(), {
            minLength: spec.sizes.length,
            maxLength: spec.sizes.length,
          }),
        }),
        { minLength: 1, maxLength: 10 },
      ),
    }),
  );
  fc.assert(
    fc.property(cases, ({ spec, queries }) => {
      const tree = buildStarTree(spec)!;
      const sums = sumsOf(tree, spec.metric);
      const rows = Array.from({ length: spec.rowCount }, (_, row) => row);
      for (const { passing, isGrouped } of queries) {
        const isRead = isGrouped.map((is, d) => is || passing[d] !== null);
        const { ranges, recordCount } = findRecords(tree.nodes, { passing, isRead });
        const found: number[] = [];
        for (let i = 0; i < ranges.length; i += 2) {
          for (let record = ranges[i]!; record < ranges[i + 1]!; record++) found.push(record);
        }
        expect(found.length).toBe(recordCount);
        expect(recordCount).toBeLessThanOrEqual(tree.records.baseCount);
        expect(groupsOf(found, tree.records.codes, sums, passing, isGrouped)).toEqual(
          groupsOf(rows, spec.codes, spec.metric, passing, isGrouped),
        );
      }
    }),
    { numRuns: 500 },
  );
});

test('nodes have sorted records of their own, children by ascending codes, and one record that sums them', () => {
  fc.assert(
    fc.property(table.map(caseOf), (spec) => {
      const tree = buildStarTree(spec)!;
      const { nodes, records } = tree;
      const sums = sumsOf(tree, spec.metric);
      const total = (node: number): number =>
        sums.subarray(nodes.starts[node], nodes.ends[node]).reduce((a, b) => a + b, 0);
      for (let node = 0; node < nodes.codes.length; node++) {
        expect(sums[nodes.summed[node]!]).toBe(total(node));
        const [first, last] = [nodes.firsts[node]!, nodes.lasts[node]!];
        if (first === last) continue;
        const children = [...nodes.codes.subarray(first, last)];
        expect(children.slice(1).every((code, i) => code > children[i]!)).toBe(true);
        const plain = children.flatMap((code, i) => (code === STAR ? [] : [first + i]));
        expect(nodes.starts[plain[0]!]).toBe(nodes.starts[node]);
        expect(nodes.ends[plain.at(-1)!]).toBe(nodes.ends[node]);
        for (const child of plain.slice(1)) expect(nodes.starts[child]).toBe(nodes.ends[child - 1]);
        if (children[0] === STAR) expect(total(first)).toBe(total(node));
      }
      expect(records.ends.at(-1)).toBe(records.members.length);
    }),
    { numRuns: 200 },
  );
});

test('a tree of too many records is given up', () => {
  const spec = caseOf({
    sizes: [20, 20],
    rowCount: 500,
    seed: 7,
    maxLeafRecords: 1,
    skipStar: [false, false],
  });
  const { count } = buildStarTree(spec)!.records;
  expect(buildStarTree({ ...spec, maxRecords: count })).not.toBeNull();
  expect(buildStarTree({ ...spec, maxRecords: count - 1 })).toBeNull();
});

test('records are sorted as comparisons sort them, equal ones in their order', () => {
  fc.assert(
    fc.property(table, fc.nat(4), ({ sizes, rowCount, seed }, from) => {
      const { codes } = rowsOf({ sizes, rowCount, seed });
      const records = Int32Array.from({ length: rowCount }, (_, i) => rowCount - 1 - i);
      const want = [...records].sort((a, b) => {
        for (let d = from; d < codes.length; d++) {
          if (codes[d]![a] !== codes[d]![b]) return codes[d]![a]! - codes[d]![b]!;
        }
        return b - a;
      });
      new RecordSorter(sizes).sort(records, codes, from);
      expect([...records]).toEqual(want);
    }),
  );
});

test('ranges of far records come in order, those that abut as one', () => {
  // A root of three leaves.
  const [a, b, c] = [2_000_000_000, 2_000_000_500, 2_100_000_000];
  const nodes = {
    codes: Int32Array.of(STAR, 0, 1, 2),
    starts: Int32Array.of(a, c, a, b),
    ends: Int32Array.of(c + 9, c + 9, b, b + 7),
    summed: Int32Array.of(0, 1, 2, 3),
    firsts: Int32Array.of(1, 0, 0, 0),
    lasts: Int32Array.of(4, 0, 0, 0),
  };
  const { ranges, recordCount } = findRecords(nodes, {
    passing: [null, null],
    isRead: [true, true],
  });
  expect([...ranges]).toEqual([a, b + 7, c, c + 9]);
  expect(recordCount).toBe(516);
});
