import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PartialResult } from '../engines/engine.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import { stateColumn, stateReader } from '../interpreter/state-column.js';
import { halvesOf, slicesOf } from './slices.js';

const NUMBER = { type: 'LONG', asText: false } as unknown as Extract<
  GroupPartial['keys'][number],
  { kind: 'words' }
>['form'];

/** Group `i` in all the forms that its columns may have. */
function groups(count: number, isBytes: boolean): GroupPartial {
  const all = Array.from({ length: count }, (_, i) => i);
  const state = (i: number) => (isBytes ? new Uint8Array((i % 5) + 1).fill(i) : i / 3);
  return {
    kind: 'groups',
    groupCount: count,
    buckets: Float64Array.from(all, (i) => i * 1000),
    keys: [
      { kind: 'values', ordinals: all.map((i) => i % 3), values: ['a', null, 'ü'] },
      {
        kind: 'words',
        form: NUMBER,
        words: Uint32Array.from(all.flatMap((i) => [i, 7])),
        nulls: Uint8Array.from(all, (i) => i % 2),
      },
    ],
    states: [stateColumn(all.map(state)), Float64Array.from(all)],
    visible: { minMs: Float64Array.of(1), maxMs: Float64Array.of(9) },
    rowsScanned: 100,
    compiled: true,
  };
}

const shown = (partial: PartialResult): unknown[] => {
  if (partial.kind === 'rows') {
    const { rowCount, columns, keys } = partial;
    return Array.from({ length: rowCount }, (_, i) => [...columns, ...keys].map((each) => each[i]));
  }
  const { groupCount, buckets, keys, states } = partial as GroupPartial;
  const readers = states.map(stateReader);
  return Array.from({ length: groupCount }, (_, i) => [
    (buckets as ArrayLike<number>)[i],
    ...keys.map((key) => {
      if (key.kind === 'values') return key.values[key.ordinals[i]!];
      return key.kind === 'words' && [key.words[2 * i], key.words[2 * i + 1], key.nulls![i]];
    }),
    ...readers.map((reader) => reader(i)),
  ]);
};

const rows = (count: number): PartialResult => ({
  kind: 'rows',
  rowCount: count,
  keys: [Array.from({ length: count }, (_, i) => i)],
  keyTypes: ['LONG'],
  types: ['STRING', null],
  columns: [Array.from({ length: count }, (_, i) => 'x'.repeat(i)), new Array(count).fill(null)],
  rowsScanned: 100,
  compiled: null,
});

test('slices in their order are the whole', () => {
  const partial = fc.oneof(
    fc.tuple(fc.nat(40), fc.boolean()).map(([count, isBytes]) => groups(count, isBytes)),
    fc.nat(40).map(rows),
  );
  fc.assert(
    fc.property(partial, fc.integer({ min: 1, max: 2000 }), (whole, bytes) => {
      const pieces = [...slicesOf(whole, bytes)];
      expect(pieces.flatMap(shown)).toEqual(shown(whole));
      const halves = halvesOf(whole) ?? [whole];
      expect(halves.flatMap(shown)).toEqual(shown(whole));
      for (const each of [pieces, halves]) {
        const scanned = each.map((piece) => (piece as GroupPartial).rowsScanned);
        expect(scanned.reduce((sum, count) => sum + count, 0)).toBe(100);
      }
    }),
  );
  expect([...slicesOf(groups(1000, true), 1000)].length).toBeGreaterThan(10);
});

test('what cannot be cut comes as it is', () => {
  const times: PartialResult = { kind: 'times', minMs: 1, maxMs: 2, rowsScanned: 3 };
  expect([...slicesOf(times, 1)]).toEqual([times]);
  expect(halvesOf(groups(1, false))).toBeNull();
});
