import { describe, expect, test } from 'vitest';
import { ArenaPool, type JsonObject } from '../../core/index.js';
import { MutableSegment } from '../../segments/index.js';
import { overInputs } from '../rows/metric-input.js';
import { DEAD_LETTER_SCHEMA } from './letters/dead-letters.js';
import type { BatchAnswer } from './state/answer.js';
import { type Applied, TableState, tableSchema } from './table-state.js';
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

test.each([
  [{ producer: 'p', sequence: null, key: null }, 'sequence'],
  [{ producer: null, sequence: 1, key: null }, 'sequence'],
  [{ producer: 'p', sequence: -1, key: null }, 'sequence'],
  [{ producer: 'p', sequence: 2 ** 53, key: null }, 'sequence'],
  [{ producer: 'p', sequence: 1, key: 'k' }, 'Idempotency-Key'],
  [{ producer: '', sequence: 1, key: null }, 'producer'],
  [{ producer: 'x'.repeat(257), sequence: 1, key: null }, 'producer'],
  [{ producer: null, sequence: null, key: 'a\nb' }, 'Idempotency-Key'],
  [{ producer: null, sequence: null, key: '\ud800' }, 'Idempotency-Key'],
])('a sender named %j is refused', (identity, field) => {
  expect(() => stateOf().known(identity)).toThrow(`${field}: `);
});

describe('columns that nobody listed', () => {
  const types = (state: TableState) =>
    Object.fromEntries(state.dimensions.slice(2).map(({ name, type }) => [name, type]));
  const reasons = (applied: Applied) =>
    taken(applied).answer.errors.map(({ row, reason }) => [row, reason]);

  test('are DOUBLE where one of the first numbers has a fraction', () => {
    const state = stateOf();
    const applied = state.apply(
      pushOf([
        { ts: 1, a: 1, b: 1 },
        { ts: 1, a: 2.5, b: 2 },
      ]),
      1,
    );
    expect(storedRows(applied).map(({ a, b }) => [a, b])).toEqual([
      [1, 1],
      [2.5, 2],
    ]);
    expect(types(state)).toEqual({ a: 'DOUBLE', b: 'LONG' });
  });

  test('widen as rows come that do not fit, and refuse none', () => {
    const state = stateOf();
    state.apply(pushOf([{ ts: 1, a: 1, b: 'x' }]), 1);
    const applied = state.apply(pushOf([{ ts: 1, a: 1.5, b: ['y', null], n: 1.5 }]), 2);
    expect(reasons(applied)).toEqual([]);
    // The listed column converts as Druid does.
    expect(storedRows(applied).map(({ a, b, n }) => [a, b, n])).toEqual([[1.5, ['y', null], 1]]);
    expect(types(state)).toEqual({ a: 'DOUBLE', b: 'ARRAY<STRING>' });
    state.apply(pushOf([{ ts: 1, a: { c: 1 } }]), 3);
    expect(types(state)).toEqual({ a: 'COMPLEX<json>', b: 'ARRAY<STRING>' });
    const again = new TableState('t', [SPEC], state.checkpoint());
    expect(types(again)).toEqual(types(state));
  });

  test('become what a new version of the spec chooses for them', () => {
    const state = stateOf();
    state.apply(pushOf([{ ts: 1, a: 1, b: 1 }]), 1);
    const spec = SPEC.dimensionsSpec as { readonly dimensions: readonly unknown[] };
    const dimensions = [...spec.dimensions, { name: 'a', type: 'long' }];
    state.addVersion({ ...SPEC, dimensionsSpec: { ...spec, dimensions } });
    state.apply({ ...pushOf([{ ts: 1, a: 1.5, b: 1.5 }]), specVersion: 2 }, 2);
    expect(types(state)).toEqual({ a: 'LONG', b: 'DOUBLE' });
  });

  test('are not made by rows that are not stored for their time', () => {
    const state = stateOf({ time: { maxFuture: 10, future: 'deadLetter' } });
    const applied = state.apply(
      pushOf([
        { ts: 100, future: 1 },
        { ts: 1, now: 1 },
      ]),
      1,
    );
    expect(types(state)).toEqual({ now: 'LONG' });
    expect(taken(applied).answer).toMatchObject({ stored: 1, rejected: 1, errors: [] });
    expect(taken(applied).letters?.letters).toMatchObject([{ row: 0, reason: 'future' }]);
  });

  test('are bounded: rows that bring one more are refused', () => {
    const state = stateOf();
    const wide = Object.fromEntries(Array.from({ length: 998 }, (_, i) => [`c${i}`, i]));
    expect(taken(state.apply(pushOf([{ ts: 1, ...wide }]), 1)).answer.stored).toBe(1);
    const applied = state.apply(
      pushOf([
        { ts: 1, more: 1 },
        { ts: 1, c5: 1 },
        { ts: 1, more: null },
      ]),
      2,
    );
    expect(reasons(applied)).toEqual([[0, 'type']]);
    expect(state.dimensions.length).toBe(1_000);
  });
});

test('a new version of the spec adds columns behind those that were found', () => {
  const state = stateOf();
  state.apply(pushOf([{ ts: 1, found: 1 }]), 1);
  const metricsSpec = [{ type: 'longSum', name: 'sum', fieldName: 'x' }];
  state.addVersion({
    ...SPEC,
    dimensionsSpec: {
      dimensions: ['page', { type: 'long', name: 'n' }, 'more', { type: 'long', name: 'found' }],
    },
    metricsSpec,
    time: { arrivalColumn: 'came' },
  });
  expect(state.dimensions.map(({ name }) => name)).toEqual(['page', 'n', 'found', 'more', 'came']);
  const push = pushOf([{ ts: 2, found: 2, came: 'now', other: 1 }], {
    specVersion: 2,
    arrivalMs: 77,
  });
  const applied = state.apply(push, 2);
  expect(storedRows(applied)).toEqual([
    { __time: 2, page: null, n: null, found: 2, more: null, came: 77 },
  ]);
  expect(taken(applied).rows?.spec.metrics.map(({ name }) => name)).toEqual(['sum']);
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

test('rows and letters are what mutable segments take', () => {
  const state = stateOf({ metricsSpec: [{ type: 'longSum', name: 'sum', fieldName: 'x' }] });
  const { rows, letters } = taken(
    state.apply(pushOf([{ ts: 1, page: 'a', x: '4' }, '{', { ts: 2, x: 5 }], { arrivalMs: 9 }), 50),
  );
  const pool = new ArenaPool({ arenaBytes: 2 ** 20, maxBytes: 2 ** 24 });
  const schema = tableSchema(rows!.spec, rows!.dimensions);
  const table = new MutableSegment({ ...schema, metrics: schema.metrics.map(overInputs) }, pool);
  expect(table.append(rows!.cursor, rows!.kept)).toBe(2);
  const dead = new MutableSegment(DEAD_LETTER_SCHEMA, pool);
  expect(dead.append(letters!)).toBe(1);
  const cellsOf = (segment: MutableSegment, names: readonly string[]) => {
    const cursor = segment.snapshot().cursor();
    return Array.from({ length: cursor.rowCount }, (_, row) => {
      cursor.row = row;
      return names.map((name) => cursor.column(name).get());
    });
  };
  expect(cellsOf(table, ['__time', 'page', 'sum'])).toEqual([
    [1, 'a', 4],
    [2, null, 5],
  ]);
  const names = ['__time', 'table', 'reason', 'position', 'row', 'letter', 'truncated', 'raw'];
  expect(cellsOf(dead, names)).toEqual([[9, 't', 'malformed', 50, 1, 0, 0, '{']]);
  table.close();
  dead.close();
});
