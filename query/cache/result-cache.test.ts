import { expect, test } from 'vitest';
import { VirtualDisk } from '../../core/index.js';
import type { Value } from '../../model/index.js';
import type { Outcome } from '../engines/engine.js';
import { InlineExecutor } from '../executor/inline-executor.js';
import { parseNativeQuery } from '../native/registry.js';
import { TestTables, testEngine } from '../testing.js';
import { queryCaches } from './query-caches.js';
import { type AskedResult, ResultCache } from './result-cache.js';

const outcomeOf = (...rows: Value[][]): Outcome => ({
  fields: [{ name: 'a', type: 'LONG' }],
  rows,
});

/** A question whose answer is made when the test says so. */
function question(options: Partial<AskedResult> = {}) {
  const control = new AbortController();
  let settle: { resolve: (outcome: Outcome) => void; reject: (error: Error) => void } | null = null;
  let made = 0;
  const asked: AskedResult = {
    tag: 'tag',
    finds: true,
    keeps: true,
    signal: control.signal,
    isWorthIt: () => true,
    isWhole: () => true,
    make() {
      made++;
      return new Promise((resolve, reject) => {
        settle = { resolve, reject };
        control.signal.addEventListener('abort', () => reject(control.signal.reason));
      });
    },
    ...options,
  };
  return {
    asked,
    cancel: () => control.abort(new Error('cancelled')),
    answer: (outcome: Outcome) => settle!.resolve(outcome),
    fail: (error: Error) => settle!.reject(error),
    get made() {
      return made;
    },
  };
}

test('an answer that lacks something is for who made it alone', async () => {
  const cache = new ResultCache(10_000, 1000);
  const [first, second] = [question({ isWhole: () => false }), question()];
  const partial = cache.answer(first.asked);
  const waiting = cache.answer(second.asked);
  first.answer(outcomeOf([1]));
  expect((await partial).outcome.rows).toEqual([[1]]);
  await soon();
  expect(second.made).toBe(1);
  second.answer(outcomeOf([2]));
  expect(await waiting).toEqual({ outcome: outcomeOf([2]), isKnown: false });
  expect(cache.counts.entries).toBe(1);
});

/** Lets go on what can. */
const soon = () => new Promise((resolve) => setImmediate(resolve));

const counts = { entries: 1, hits: 0, misses: 1, evictions: 0 };

test('an answer is made once, and is the same object from then on, which nobody can change', async () => {
  const cache = new ResultCache(10_000, 1000);
  const [first, second] = [question(), question()];
  const made = cache.answer(first.asked);
  first.answer(outcomeOf([1, ['x', 'y']]));
  const { outcome, isKnown } = await made;
  expect(isKnown).toBe(false);
  expect(await cache.answer(second.asked)).toEqual({ outcome, isKnown: true });
  expect(second.made).toBe(0);
  expect(cache.counts).toMatchObject({ ...counts, hits: 1 });
  for (const part of [outcome, outcome.rows, outcome.rows[0], outcome.rows[0]![1], outcome.fields])
    expect(Object.isFrozen(part)).toBe(true);
});

test('who asks meanwhile waits', async () => {
  const cache = new ResultCache(10_000, 1000);
  const [first, second] = [question(), question()];
  const answers = [cache.answer(first.asked), cache.answer(second.asked)];
  await soon();
  first.answer(outcomeOf([1]));
  const [made, waited] = await Promise.all(answers);
  expect(waited).toEqual({ ...made, isKnown: true });
  expect([first.made, second.made]).toEqual([1, 0]);
  expect(cache.counts).toMatchObject({ ...counts, hits: 1 });
});

test('one who waits may give up, and hurts nobody', async () => {
  const cache = new ResultCache(10_000, 1000);
  const [first, second] = [question(), question()];
  const answers = [cache.answer(first.asked), cache.answer(second.asked)];
  await soon();
  second.cancel();
  await expect(answers[1]).rejects.toThrow('cancelled');
  first.answer(outcomeOf([1]));
  expect((await answers[0])!.outcome.rows).toEqual([[1]]);
});

test('where the first one gives up, the next one makes the answer, for all others', async () => {
  const cache = new ResultCache(10_000, 1000);
  const [first, second, third] = [question(), question(), question()];
  const answers = [first, second, third].map(({ asked }) => cache.answer(asked));
  await soon();
  first.cancel();
  await expect(answers[0]).rejects.toThrow('cancelled');
  await soon();
  expect([first.made, second.made, third.made]).toEqual([1, 1, 0]);
  second.answer(outcomeOf([2]));
  expect((await answers[1])!.outcome.rows).toEqual([[2]]);
  expect(await answers[2]).toMatchObject({ isKnown: true, outcome: { rows: [[2]] } });
});

test('what fails for all fails for all, and is tried again by the next one', async () => {
  const cache = new ResultCache(10_000, 1000);
  const [first, second, third] = [question(), question(), question()];
  const answers = [first, second].map(({ asked }) => cache.answer(asked));
  await soon();
  first.fail(new Error('too many groups'));
  for (const answer of answers) await expect(answer).rejects.toThrow('too many groups');
  const later = cache.answer(third.asked);
  third.answer(outcomeOf([3]));
  expect((await later).isKnown).toBe(false);
  expect([first.made, second.made, third.made]).toEqual([1, 0, 1]);
});

test.each([
  { name: 'who does not want it kept', options: { keeps: false } },
  { name: 'that took nothing', options: { isWorthIt: () => false } },
  { name: 'too large', outcome: outcomeOf(['x'.repeat(1000)]) },
  { name: 'with values of unknown size', outcome: outcomeOf([{ sketch: 1 }]) },
])('not kept: an answer $name', async ({ options, outcome = outcomeOf([1]) }) => {
  const cache = new ResultCache(10_000, 1000);
  const [first, second] = [question(options), question()];
  for (const each of [first, second]) {
    const answer = cache.answer(each.asked);
    each.answer(outcome);
    expect(await answer).toEqual({ outcome, isKnown: false });
  }
});

test('who does not want a known answer neither finds one nor waits', async () => {
  const cache = new ResultCache(10_000, 1000);
  const own = { finds: false };
  const [first, second, third] = [question(), question(own), question(own)];
  const answers = [first, second].map(({ asked }) => cache.answer(asked));
  await soon();
  for (const each of [first, second]) each.answer(outcomeOf([1]));
  await Promise.all(answers);
  const later = cache.answer(third.asked);
  third.answer(outcomeOf([1]));
  expect((await later).isKnown).toBe(false);
  expect([first.made, second.made, third.made]).toEqual([1, 1, 1]);
});

/** Counts what goes to workers. */
class CountingExecutor extends InlineExecutor {
  batches = 0;

  override run(...args: Parameters<InlineExecutor['run']>) {
    this.batches++;
    return super.run(...args);
  }
}

test('an engine asks itself once', async () => {
  const table = { dimensions: { a: 'STRING' } } as const;
  const rows = Array.from({ length: 3000 }, (_, i) => ({ __time: i, a: `text ${i % 7}` }));
  const tables = new TestTables().addSealed('t', table, [{ rows }], 5000);
  const executor = new CountingExecutor(new VirtualDisk());
  const sizes = { partialBytes: 0, resultBytes: 1 << 20, maxEntryBytes: 1 << 16 };
  const engine = testEngine(tables, { executor, caches: queryCaches(sizes) });
  const query = (context: object) =>
    parseNativeQuery({
      queryType: 'topN',
      dataSource: 't',
      intervals: '1970/1971',
      granularity: 'all',
      dimension: 'a',
      threshold: 3,
      metric: 'rows',
      aggregations: [{ type: 'count', name: 'rows' }],
      context,
    });
  const contexts = [{ queryId: 'a' }, { queryId: 'b' }, { timeout: 5000 }];
  const answers = await Promise.all(contexts.map((context) => engine.run(query(context))));
  expect(answers.map(({ stats }) => stats.isCachedResult)).toEqual([false, true, true]);
  expect(answers.map(({ stats }) => stats.rowsScanned)).toEqual([3000, 0, 0]);
  expect(new Set(answers.map(({ rows }) => rows)).size).toBe(1);
  expect(executor.batches).toBe(1);
  const off = await engine.run(query({ useResultLevelCache: false }));
  expect(off.stats.isCachedResult).toBe(false);
  expect(off.rows).toEqual(answers[0]!.rows);
  expect(executor.batches).toBe(2);
  expect([tables.pinsHeld, tables.snapshotsHeld]).toEqual([0, 0]);
});
