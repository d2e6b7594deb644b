import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mapParallel } from './map-parallel.js';

test('results are in order, so many run at the same time, and the first failure ends it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ turns: fc.nat(4), fails: fc.boolean() }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      async (items, count, mayFail) => {
        let running = 0;
        const failures: number[] = [];
        const begunBehind: number[] = [];
        // Those that begin in the very same turn do not know of it yet.
        let isKnown = false;
        const mapped = mapParallel([...items.entries()], count, async ([i, { turns, fails }]) => {
          expect(++running).toBeLessThanOrEqual(count);
          if (isKnown) begunBehind.push(i);
          for (let turn = 0; turn < turns; turn++) await setImmediate();
          running--;
          if (!fails || !mayFail) return i;
          failures.push(i);
          void setImmediate().then(() => {
            isKnown = true;
          });
          throw new Error(`item ${i}`);
        });
        const outcome = await mapped.catch((error: Error) => error.message);
        expect(running).toBe(0);
        expect(begunBehind).toEqual([]);
        if (failures.length > 0) expect(outcome).toBe(`item ${failures[0]}`);
        else expect(outcome).toEqual(items.map((_, i) => i));
      },
    ),
  );
});
