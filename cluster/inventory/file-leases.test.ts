import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FileLeases } from './file-leases.js';

type Step = { readonly kind: 'read' | 'giveUp' } | { readonly kind: 'end'; readonly which: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('read' as const, 'giveUp' as const) }),
  fc.record({ kind: fc.constant('end' as const), which: fc.nat(9) }),
);

test('a path is removed once, as soon as no reader is left that began before it was given up', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const removed: string[] = [];
      const leases = new FileLeases((paths) => removed.push(...paths));
      /** Each reader with the paths that it may read. */
      const readers: { readonly end: () => void; readonly sees: Set<string>; done: boolean }[] = [];
      let given = 0;
      for (const each of steps) {
        if (each.kind === 'read')
          readers.push({ end: leases.read(), sees: new Set(), done: false });
        if (each.kind === 'giveUp') {
          const path = `${given++}`;
          for (const reader of readers) reader.sees.add(path);
          leases.giveUp([path]);
        }
        if (each.kind === 'end') {
          const reader = readers[each.which];
          reader?.end();
          if (reader !== undefined) reader.done = true;
        }
        const paths = Array.from({ length: given }, (_, i) => `${i}`);
        const read = (path: string) => readers.some(({ done, sees }) => !done && sees.has(path));
        expect(removed).toEqual(paths.filter((path) => !read(path)).sort(byNumber(removed)));
        expect(leases.waitingCount).toBe(given - removed.length);
      }
    }),
  );
});

/** Order of removal is not promised. */
const byNumber = (order: readonly string[]) => (a: string, b: string) =>
  order.indexOf(a) - order.indexOf(b);

test('nothing to give up is nothing', () => {
  const leases = new FileLeases(() => expect.unreachable());
  leases.giveUp([]);
  expect(leases.waitingCount).toBe(0);
});
