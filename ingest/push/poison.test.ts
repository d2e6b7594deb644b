import { expect, test } from 'vitest';
import { expectedCounts, POISON_SPEC, poisonBatches } from './poison-testing.js';
import { TableState } from './table-state.js';
import type { LetterReason } from './types.js';

/** A million in the long runs. */
const ROWS = Number(process.env.VARVE_POISON_ROWS ?? 50_000);
const SEED = Number(process.env.VARVE_SEED ?? 1);

test(`of ${ROWS} rows with poison of every kind the counts are exact`, () => {
  let state = new TableState('t', [POISON_SPEC]);
  const batchRows = 200;
  const letters = new Map<LetterReason, number>();
  const expected = new Map<LetterReason, number>();
  const count = (counts: Map<LetterReason, number>, reason: LetterReason, by: number) => {
    if (by > 0) counts.set(reason, (counts.get(reason) ?? 0) + by);
  };
  let position = 0;
  for (const { command, isRepeat, failures } of poisonBatches(ROWS, batchRows, SEED)) {
    const applied = state.apply(command, ++position);
    expect(applied.outcome).toBe(isRepeat ? 'duplicate' : 'taken');
    if (position % 97 === 0) state = new TableState('t', [POISON_SPEC], state.checkpoint());
    if (applied.outcome !== 'taken') continue;
    for (const { reason } of applied.letters?.letters ?? []) count(letters, reason, 1);
    for (const [reason, by] of Object.entries(failures))
      count(expected, reason as LetterReason, by);
  }
  expect(state.stats).toMatchObject(expectedCounts(poisonBatches(ROWS, batchRows, SEED)));
  expect(letters).toEqual(expected);
  expect([...letters.keys()].sort()).toEqual(['future', 'late', 'malformed', 'oversized', 'type']);
}, 600_000);
