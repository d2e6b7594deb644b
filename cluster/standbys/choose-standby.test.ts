import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseStandby } from './choose-standby.js';

const names = ['a', 'b', 'c', 'd', 'e'];
const some = fc.subarray(names);
const choice = fc.record({
  self: fc.constantFrom(...names),
  nodes: some,
  standbys: some,
  logs: fc.array(fc.record({ standbys: some }), { maxLength: 6 }),
});

test('it is another one that lives, is none yet, and keeps no more than any that could be', () =>
  fc.assert(
    fc.property(choice, (given) => {
      const { self, nodes, standbys, logs } = given;
      const chosen = chooseStandby(given);
      const could = nodes.filter((node) => node !== self && !standbys.includes(node));
      expect(chosen === null).toBe(could.length === 0);
      if (chosen === null) return;
      expect(could).toContain(chosen);
      const kept = (node: string) => logs.filter((log) => log.standbys.includes(node)).length;
      expect(kept(chosen)).toBe(Math.min(...could.map(kept)));
      expect(chooseStandby({ ...given, nodes: [...nodes].reverse() })).toBe(chosen);
    }),
  ));

test('nodes that all begin at once choose different ones', () => {
  const chosen = names.map((self) => chooseStandby({ self, nodes: names, standbys: [], logs: [] }));
  expect(chosen).toEqual(['b', 'c', 'd', 'e', 'a']);
});
