import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LivePart } from '../../ingest/index.js';
import { LiveLeases } from './live-leases.js';

const partOf = ([id, layout]: readonly [number, number]): LivePart =>
  ({ id, layout }) as unknown as LivePart;

const holding = fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { maxLength: 5 });
const step = fc.oneof(fc.record({ hold: holding }), fc.record({ letGo: fc.nat(20) }));

test('what nobody holds is told free, at once and once', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const leases = new LiveLeases();
      const held: (readonly [number, number])[][] = [];
      const layoutsOf = (id: number) =>
        held.flat().flatMap(([each, layout]) => (each === id ? [layout] : []));
      const lowestOf = (id: number) => {
        const layouts = layoutsOf(id);
        return layouts.length === 0 ? null : Math.min(...layouts);
      };
      const letGo = (index: number) => {
        const before = [0, 1, 2, 3].map(lowestOf);
        const [parts = []] = held.splice(index, 1);
        const expected = [0, 1, 2, 3].flatMap((id) => {
          const [was, is] = [before[id]!, lowestOf(id)];
          const isFreer = was !== null && (is === null || is > was);
          return isFreer ? [{ id, lowestLayout: is }] : [];
        });
        const told = leases.letGo(parts.map(partOf));
        expect([...told].sort((a, b) => a.id - b.id)).toEqual(expected);
      };
      for (const each of steps) {
        if ('hold' in each) {
          leases.hold(each.hold.map(partOf));
          held.push(each.hold);
        } else if (held.length > 0) letGo(each.letGo % held.length);
      }
      while (held.length > 0) letGo(0);
      expect(leases.partCount).toBe(0);
    }),
    { numRuns: 500 },
  );
});

test('what was not held cannot be let go', () => {
  const leases = new LiveLeases();
  leases.hold([partOf([1, 0])]);
  expect(() => leases.letGo([partOf([1, 1])])).toThrow('invariant');
  expect(() => leases.letGo([partOf([2, 0])])).toThrow('invariant');
});
