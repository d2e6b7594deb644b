import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lookupOrders } from './lookup-orders.js';

const versions = fc
  .dictionary(fc.constantFrom('x', 'y', 'z'), fc.constantFrom('v1', 'v2'))
  .map((object) => new Map(Object.entries(object)));
const tier = fc.constantFrom('one', 'two');

test('after the orders each node has what its tier defines, and nothing is ordered that is there', () => {
  fc.assert(
    fc.property(
      fc.dictionary(tier, versions),
      fc.array(fc.record({ tier, loaded: versions }), { maxLength: 4 }),
      (defined, list) => {
        const tiers = new Map(
          Object.entries(defined).map(([name, lookups]) => [
            name,
            new Map([...lookups].map(([lookup, version]) => [lookup, { version }])),
          ]),
        );
        const nodes = list.map((each, i) => ({ name: `n${i}`, ...each }));
        const orders = lookupOrders(tiers, nodes);
        const after = nodes.map((node) => {
          const { toLoad = new Map(), toDrop = [] } = orders.get(node.name) ?? {};
          const loaded = new Map(node.loaded);
          for (const [lookup, { version }] of toLoad) {
            expect(loaded.get(lookup)).not.toBe(version);
            loaded.set(lookup, version);
          }
          for (const lookup of toDrop) expect(loaded.delete(lookup)).toBe(true);
          expect(Object.fromEntries(loaded)).toEqual(Object.fromEntries(defined[node.tier] ?? []));
          return { ...node, loaded };
        });
        expect(lookupOrders(tiers, after)).toEqual(new Map());
      },
    ),
  );
});
