import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TaskQueue } from './task-queue.js';

/** Lets everything that can go on do so. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Work of which the test decides when it ends. */
class Work {
  started = false;
  ended = false;
  end: () => void = () => undefined;

  constructor(readonly table: string) {}

  readonly start = (): Promise<void> => {
    expect(this.started).toBe(false);
    this.started = true;
    return new Promise((resolve) => {
      this.end = () => {
        this.ended = true;
        resolve();
      };
    });
  };
}

type Step =
  | { readonly kind: 'add'; readonly table: string }
  | { readonly kind: 'end' | 'leave'; readonly which: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), table: fc.constantFrom('a', 'b', 'c') }),
  fc.record({ kind: fc.constantFrom('end' as const, 'leave' as const), which: fc.nat(20) }),
);

test('never more than the slots, one at a time per table, in order, and nothing waits in vain', async () => {
  const scenario = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 30 }));
  await fc.assert(
    fc.asyncProperty(scenario, async ([slots, steps]) => {
      const queue = new TaskQueue(() => slots);
      const works: { work: Work; leave: () => boolean; left: boolean }[] = [];
      for (const each of steps) {
        if (each.kind === 'add') {
          const work = new Work(each.table);
          works.push({ work, leave: queue.add(each.table, work.start), left: false });
        } else {
          const one = works[each.which % Math.max(1, works.length)];
          if (one === undefined) continue;
          if (each.kind === 'leave') {
            const couldLeave = !one.work.started && !one.left;
            expect(one.leave()).toBe(couldLeave);
            one.left ||= couldLeave;
          } else if (one.work.started && !one.work.ended) one.work.end();
        }
        await settled();
        const live = works.filter(({ work, left }) => !left && !work.ended).map(({ work }) => work);
        const running = live.filter((work) => work.started);
        const busy = new Set(running.map(({ table }) => table));
        expect(running.length).toBeLessThanOrEqual(slots);
        expect(busy.size).toBe(running.length);
        for (const table of ['a', 'b', 'c']) expect(queue.isBusy(table)).toBe(busy.has(table));
        for (const table of busy) {
          const first = live.find((work) => work.table === table);
          expect(first?.started).toBe(true);
        }
        const couldStart = live.some((work) => !work.started && !busy.has(work.table));
        expect(couldStart && running.length < slots).toBe(false);
      }
    }),
    { numRuns: 200 },
  );
});
