import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../core/index.js';
import type { BatchAnswer } from './state/answer.js';
import { type Applied, TableState } from './table-state.js';
import { pushOf, replayOf } from './testing.js';

const SPEC: JsonObject = {
  timestampSpec: { column: 'ts' },
  dimensionsSpec: {
    dimensions: ['page', { type: 'long', name: 'n' }],
    includeAllDimensions: true,
    useSchemaDiscovery: true,
  },
};

const stateOf = (changes: JsonObject = {}, ...later: JsonObject[]) =>
  new TableState('t', [{ ...SPEC, ...changes }, ...later]);

function taken(applied: Applied): Extract<Applied, { outcome: 'taken' }> {
  if (applied.outcome !== 'taken') throw new Error(`the batch was ${applied.outcome}`);
  return applied;
}

/** The stored rows as objects. */
function storedRows(applied: Applied): Record<string, unknown>[] {
  const { rows } = taken(applied);
  if (rows === null) return [];
  const names = ['__time', ...rows.dimensions.map(({ name }) => name)];
  return [...rows.kept].map((row) => {
    rows.cursor.row = row;
    return Object.fromEntries(names.map((name) => [name, rows.cursor.column(name).get()]));
  });
}

const countsOf = ({ received, stored, late, rejected, deduplicated }: BatchAnswer) => [
  received,
  stored,
  late,
  rejected,
  deduplicated,
];

test('rows are stored with the columns that they show', () => {
  const state = stateOf();
  const applied = state.apply(
    pushOf([
      { ts: 5, page: 'a', n: '7', extra: 1.5 },
      { ts: 6, page: 'b', other: 'x' },
    ]),
    100,
  );
  expect(countsOf(taken(applied).answer)).toEqual([2, 2, 0, 0, 0]);
  expect(storedRows(applied)).toEqual([
    { __time: 5, page: 'a', n: 7, extra: 1.5, other: null },
    { __time: 6, page: 'b', n: null, extra: null, other: 'x' },
  ]);
  expect(state.dimensions.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'page STRING',
    'n LONG',
    'extra DOUBLE',
    'other STRING',
  ]);
});

test('each row that is not stored has one reason and one letter', () => {
  const state = stateOf({
    time: { late: 'reject', maxFuture: 'PT1H', future: 'reject' },
    limits: { maxRowBytes: 60 },
  });
  state.apply(pushOf([{ ts: 100_000 }], { arrivalMs: 100_000 }), 10);
  const applied = taken(
    state.apply(
      pushOf(
        [
          { ts: 100_000, page: 'fine' },
          '{"ts": 1',
          { page: 'no time' },
          { ts: 100_000, n: 'seven' },
          { ts: 100_000, page: 'x'.repeat(60) },
          { ts: 89_999 },
          { ts: 90_000 },
          { ts: 100_000_000 },
        ],
        { arrivalMs: 100_000, producer: 'p', sequence: 3 },
      ),
      20,
    ),
  );
  expect(countsOf(applied.answer)).toEqual([8, 2, 1, 5, 0]);
  expect(applied.answer.errors.map(({ row, reason }) => [row, reason])).toEqual([
    [1, 'malformed'],
    [2, 'timestamp'],
    [3, 'type'],
    [4, 'oversized'],
    [5, 'late'],
    [7, 'future'],
  ]);
  expect(applied.letters?.letters.map(({ letter, row }) => [letter, row])).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
    [4, 5],
    [5, 7],
  ]);
  expect(applied.letters?.letters[0]).toMatchObject({
    text: '{"ts": 1',
    encoding: 'utf8',
    format: 'ndjson',
  });
  expect(state.stats).toMatchObject({ received: 9, stored: 3, late: 1, rejected: 5, letters: 6 });
});

describe('retries', () => {
  test('get the first answer and are counted apart', () => {
    const state = stateOf();
    const identity = { producer: 'p', sequence: 1, key: null };
    expect(state.known(identity)).toEqual({ kind: 'new' });
    const first = taken(state.apply(pushOf([{ ts: 1 }, 'x'], identity), 10)).answer;
    expect(state.known(identity)).toEqual({ kind: 'duplicate', answer: first });
    state.apply({ kind: 'duplicate', table: 't', rows: 2 }, 20);
    const again = state.apply(pushOf([{ ts: 1 }, 'x'], identity), 30);
    expect(again).toEqual({ outcome: 'duplicate', answer: first });
    expect(state.stats).toMatchObject({ received: 6, stored: 1, rejected: 1, deduplicated: 4 });
  });
});

test('a replayed letter is stored once', () => {
  const state = stateOf();
  state.apply(pushOf(['{', '{"ts":1,"n":"x"}']), 10);
  const replay = replayOf([
    { text: '{"ts":1}' },
    { text: '{"ts":1,"n":"x"}' },
    { text: '{"ts":1}', letter: 0 },
  ]);
  const first = taken(state.apply(replay, 20));
  expect(countsOf(first.answer)).toEqual([3, 1, 0, 1, 1]);
  expect(first.letters).toBeNull();
  const second = taken(state.apply(replay, 30));
  expect(countsOf(second.answer)).toEqual([3, 0, 0, 1, 2]);
  expect(second.rows).toBeNull();
  expect(state.stats).toMatchObject({
    received: 8,
    stored: 1,
    rejected: 4,
    deduplicated: 3,
    letters: 2,
  });
});

test('a state goes on where its checkpoint was taken', () => {
  const state = stateOf();
  state.apply(pushOf([{ ts: 1, a: 1 }], { key: 'k' }), 10);
  const restored = new TableState('t', [SPEC], state.checkpoint());
  const next = pushOf([
    { ts: 2, a: 'x' },
    { ts: 2, b: 1 },
  ]);
  expect(restored.apply(next, 20)).toMatchObject({ answer: taken(state.apply(next, 20)).answer });
  expect(restored.checkpoint()).toEqual(state.checkpoint());
});
