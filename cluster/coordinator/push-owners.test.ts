import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseOwners, type OwnedTable } from './push-owners.js';

const NODES = ['a', 'b', 'c', 'd'];

const nodes = fc
  .subarray(NODES)
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.record({ name: fc.constant(name), isDecommissioned: fc.boolean() }),
      ),
    ),
  );
const tables = fc
  .array(fc.record({ owner: fc.constantFrom(null, ...NODES), isDrained: fc.boolean() }), {
    maxLength: 12,
  })
  .map((list): OwnedTable[] => list.map((each, i) => ({ name: `t${i}`, ...each })));

test('owners change only where they must, to the node with fewest tables', () => {
  fc.assert(
    fc.property(tables, nodes, (owned, there) => {
      const chosen = chooseOwners(owned, there);
      const able = there
        .filter(({ isDecommissioned }) => !isDecommissioned)
        .map(({ name }) => name);
      const owners = new Map(owned.map(({ name, owner }) => [name, owner]));
      const countOf = (node: string) =>
        [...owners.values()].filter((owner) => owner === node).length;
      for (const { name, owner, isDrained } of owned) {
        const mayLeave =
          isDrained && there.some((node) => node.name === owner && node.isDecommissioned);
        const isFree = owner === null || mayLeave;
        expect(chosen.has(name)).toBe(isFree && able.length > 0);
      }
      for (const [name, owner] of chosen) {
        expect(able).toContain(owner);
        for (const other of able) expect(countOf(owner)).toBeLessThanOrEqual(countOf(other));
        owners.set(name, owner);
      }
      const after = owned.map((each) => ({ ...each, owner: owners.get(each.name) ?? null }));
      if (able.length > 0) expect(chooseOwners(after, there)).toEqual(new Map());
    }),
  );
});
