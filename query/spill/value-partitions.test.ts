import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualDisk } from '../../core/index.js';
import type { Value } from '../../model/index.js';
import type { GroupPartial, KeyColumn } from '../interpreter/group-partial.js';
import { noVisibleTimes } from '../interpreter/visible-times.js';
import { SpillFile } from './spill-file.js';
import { pieceRanges, readPartials, spillPartial } from './spill-partial.js';
import { hashOfValue, partitionedGroups, VALUE_PARTITIONS } from './value-partitions.js';

const scalar = fc.oneof(
  fc.constantFrom<Value>(
    null,
    0,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2n ** 62n,
    '',
    '\ud800',
  ),
  fc.string({ maxLength: 5 }),
  fc.maxSafeInteger(),
  fc.double(),
);
const value = fc.oneof(
  scalar,
  fc.array(scalar as fc.Arbitrary<string | number | null>, { maxLength: 3 }),
);

function valueKeys(values: readonly Value[]): KeyColumn {
  const distinct = [...new Set(values)];
  return {
    kind: 'values',
    ordinals: values.map((each) => distinct.indexOf(each)),
    values: distinct,
  };
}

function partialOf(
  keys: KeyColumn[],
  groupCount: number,
  states: GroupPartial['states'],
): GroupPartial {
  const buckets = Array.from({ length: groupCount }, (_, i) => i % 3);
  const rest = { visible: noVisibleTimes(0), rowsScanned: groupCount, compiled: true };
  return { kind: 'groups', groupCount, buckets, keys, states, ...rest };
}

const states = (size: number): GroupPartial['states'] => [
  Float64Array.from({ length: size }, (_, i) => (i === 0 ? -0 : i / 3)),
  Array.from({ length: size }, (_, i) => (i % 2 === 0 ? 2n ** 60n : null)),
  {
    bytes: Uint8Array.from({ length: 2 * size }, (_, i) => i),
    ends: Uint32Array.from({ length: size }, (_, i) => 2 * i + 2),
  },
];

test('values that make one group have one hash', () => {
  expect(hashOfValue(-0)).toBe(hashOfValue(0));
  expect(hashOfValue(['a', null, 1])).toBe(hashOfValue(['a', null, 1]));
  expect(hashOfValue(Number.NaN)).toBe(hashOfValue(-Number.NaN));
  const hashes = new Set(Array.from({ length: 10_000 }, (_, i) => hashOfValue(`k${i}`)));
  expect(hashes.size).toBeGreaterThan(9990);
});

test('words and values fall into the same partitions, about evenly', () => {
  const numbers = Array.from({ length: 5000 }, (_, i) => (i % 5 === 0 ? i / 8 : i * 2 ** 30));
  const bits = new Uint32Array(Float64Array.from(numbers).buffer);
  const asWords = partialOf(
    [{ kind: 'words', form: { type: 'DOUBLE', asText: false }, words: bits, nulls: null }],
    5000,
    [],
  );
  const asValues = partialOf([valueKeys(numbers)], 5000, []);
  const { groups, ends } = partitionedGroups(asValues);
  expect(partitionedGroups(asWords)).toEqual({ groups, ends });
  const sizes = [...ends].map((end, p) => end - (p === 0 ? 0 : ends[p - 1]!));
  expect(Math.max(...sizes)).toBeLessThan((4 * 5000) / VALUE_PARTITIONS);
});

test('groups come back from disk, each once, with its bucket, keys and states', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { maxLength: 60 }), fc.nat(200), (rows, bytes) => {
      const disk = new VirtualDisk();
      disk.makeDirectory('/spill');
      const file = new SpillFile(disk, '/spill/0', []);
      const keys = [0, 1].map((i) => valueKeys(rows.map((row) => row[i]!)));
      const partial = partialOf(keys, rows.length, states(rows.length));
      const pieces = spillPartial(partial, null, [], file);
      file.close();
      const ranges = pieceRanges([pieces], bytes);
      expect([ranges[0]!.from, ranges.at(-1)!.to]).toEqual([0, VALUE_PARTITIONS]);
      const found = ranges.flatMap(({ from, to }) =>
        readPartials(disk, pieces, from, to).flatMap(({ partial: each }) => groupsOf(each)),
      );
      const order = (a: unknown[], b: unknown[]) => Number(a[4]) - Number(b[4]);
      const numbered = (each: GroupPartial) => groupsOf(each).sort(order);
      expect(found.sort(order)).toEqual(numbered(partial));
    }),
  );
});

/** Everything about each group; the last is told by its bytes, which are one of a kind. */
function groupsOf({ groupCount, buckets, keys, states: columns }: GroupPartial): unknown[][] {
  return Array.from({ length: groupCount }, (_, i) => {
    const [sums, longs, sketches] = columns as [
      Float64Array,
      readonly Value[],
      { bytes: Uint8Array },
    ];
    const cells = keys.map((key) => (key.kind === 'values' ? key.values[key.ordinals[i]!] : null));
    const at = sketches.bytes[2 * i];
    return [(buckets as number[])[i], ...cells, sums[i], at, longs[i]];
  });
}
