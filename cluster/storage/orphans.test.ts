import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock, silentLogger } from '../../core/index.js';
import { draws } from '../../core/testing.js';
import { bodyOf, someBytes } from './contract-testing.js';
import { MemoryStore } from './memory-store-testing.js';
import { judgeOrphans, type ObjectNames, OrphanDuty } from './orphans.js';

const { signal } = new AbortController();
const GRACE_MS = 100;

/** For tests: what the metadata is to do, in memory. */
class TestNames implements ObjectNames {
  readonly published = new Set<string>();
  readonly writing = new Set<string>();
  readonly givenUp = new Set<string>();

  async named() {
    await setImmediate();
    return new Set([...this.published, ...this.writing]);
  }

  async giveUp(keys: readonly string[]) {
    await setImmediate();
    const free = keys.filter((key) => !this.published.has(key) && !this.writing.has(key));
    for (const key of free) this.givenUp.add(key);
    return free;
  }

  /** False where it is refused. */
  publish(key: string): boolean {
    this.writing.delete(key);
    if (this.givenUp.has(key)) return false;
    this.published.add(key);
    return true;
  }
}

test('an orphan is seen twice, the grace time apart', () => {
  const none = new Set<string>();
  const first = judgeOrphans(new Map(), ['a', 'b'], new Set(['b']), 1000, 10);
  expect(first).toEqual({ suspects: new Map([['a', 1000]]), orphans: [] });
  expect(judgeOrphans(first.suspects, ['a', 'b'], none, 1009, 10)).toEqual({
    suspects: new Map([
      ['a', 1000],
      ['b', 1009],
    ]),
    orphans: [],
  });
  expect(judgeOrphans(first.suspects, ['a'], none, 1010, 10).orphans).toEqual(['a']);
  expect(judgeOrphans(first.suspects, ['a'], new Set(['a']), 1010, 10).suspects.size).toBe(0);
  // One that was not listed meanwhile begins anew, and one round is none.
  expect(judgeOrphans(first.suspects, [], none, 1010, 10).suspects.size).toBe(0);
  expect(judgeOrphans(new Map(), ['a'], none, 1e9, 0).orphans).toEqual([]);
});

type Step =
  | { readonly kind: 'write' | 'store' | 'publish' | 'die' | 'kill'; readonly id: number }
  | { readonly kind: 'round' }
  | { readonly kind: 'turn' }
  | { readonly kind: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('write', 'store', 'store', 'publish', 'publish', 'die', 'kill'),
    id: fc.nat(1),
  }),
  fc.constantFrom({ kind: 'round' as const }, { kind: 'turn' as const }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(GRACE_MS / 2, GRACE_MS) }),
);
const fault = fc.option(
  fc.oneof(
    fc.constantFrom({ kind: 'error' as const }, { kind: 'lostReply' as const }),
    fc.record({ kind: fc.constant('stale' as const), operations: fc.nat(20) }),
  ),
  { freq: 3 },
);

test('whatever happens meanwhile: nothing that is named or being written is removed, all else is in the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 40, maxLength: 120 }),
      fc.array(fault, { maxLength: 40 }),
      async (steps, faults) => {
        const store = new MemoryStore();
        const names = new TestNames();
        const clock = new ManualClock(0);
        const duty = new OrphanDuty({
          store,
          names,
          clock,
          graceMs: GRACE_MS,
          logger: silentLogger,
        });
        const keys = [0, 1].map((id) => `segments/t/${id}`);
        const stored = new Set<string>();
        let next = 0;
        let rounds = Promise.resolve();
        const check = () => {
          for (const key of [...names.published, ...names.writing]) {
            if (stored.has(key)) expect(store.bytesOf(key), key).not.toBeNull();
          }
        };
        const run = () =>
          duty.run(signal).then(
            () => undefined,
            () => undefined,
          );
        for (const each of steps) {
          if (each.kind === 'round') rounds = rounds.then(run);
          else if (each.kind === 'turn') await setImmediate();
          else if (each.kind === 'wait') clock.advance(each.ms);
          else {
            const key = keys[each.id]!;
            if (each.kind === 'write' && !names.published.has(key)) {
              // A key is used once: each job has one of its own.
              keys[each.id] = `segments/t/${each.id}.${next++}`;
              names.writing.add(keys[each.id]!);
            } else if (each.kind === 'store' && names.writing.has(key) && !stored.has(key)) {
              store.setFaults(null);
              await store.put(key, bodyOf(someBytes(3)), signal);
              store.setFaults(({ kind }) => (kind === 'put' ? null : (faults.pop() ?? null)));
              stored.add(key);
            } else if (each.kind === 'publish' && stored.has(key)) names.publish(key);
            else if (each.kind === 'die') names.writing.delete(key);
            else if (each.kind === 'kill') names.published.delete(key);
          }
          check();
        }
        await rounds;
        check();
        store.setFaults(null);
        await run();
        clock.advance(GRACE_MS);
        await run();
        check();
        const named = [...names.published, ...names.writing].filter((key) => stored.has(key));
        expect(store.keys).toEqual(named.sort());
        expect(store.keys.some((key) => names.givenUp.has(key))).toBe(false);
      },
    ),
    { numRuns: draws(400) },
  );
});

test('a publish of what was given up is refused', async () => {
  const store = new MemoryStore();
  const names = new TestNames();
  const clock = new ManualClock(0);
  const duty = new OrphanDuty({ store, names, clock, graceMs: GRACE_MS, logger: silentLogger });
  await store.put('segments/t/1', bodyOf(someBytes(3)), signal);
  await store.put('other', bodyOf(someBytes(3)), signal);
  expect(await duty.run(signal)).toBe(0);
  expect(duty.suspectCount).toBe(1);
  clock.advance(GRACE_MS);
  expect(await duty.run(signal)).toBe(1);
  expect(names.publish('segments/t/1')).toBe(false);
  expect(store.keys).toEqual(['other']);
});
