import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRules } from '../retention/rule.js';
import { segmentOf } from './simulated-cluster-testing.js';
import { replicasByTier, wishFor } from './wanted-replicas.js';

const DAY_MS = 86_400_000;
const NOW_MS = 100 * DAY_MS;

const tiers = fc.constantFrom<object | null>(null, {}, { hot: 1 }, { hot: 0, cold: 3 });
const rule = fc.oneof(
  fc.record({
    type: fc.constant('loadByPeriod'),
    days: fc.nat(40),
    tieredReplicants: tiers,
    useDefaultTierForNull: fc.boolean(),
  }),
  fc.record({ type: fc.constant('loadForever'), tieredReplicants: tiers }),
  fc.record({ type: fc.constantFrom('dropByPeriod', 'broadcastByPeriod'), days: fc.nat(40) }),
  fc.record({ type: fc.constant('dropForever') }),
);

type TestRule = {
  type: string;
  days?: number;
  tieredReplicants?: object | null;
  useDefaultTierForNull?: boolean;
};

const jsonOf = ({ days, ...json }: TestRule) =>
  days === undefined ? json : { ...json, period: `P${days}D` };

/** Days are whole here: a day is in the last n days, or it is not. */
function naiveWish(rules: readonly TestRule[], day: number): unknown {
  for (const { type, days, tieredReplicants, useDefaultTierForNull = true } of rules) {
    if (days !== undefined && day < 100 - days) continue;
    if (type.startsWith('drop')) return 'drop';
    if (type.startsWith('broadcast')) return 'everywhere';
    return tieredReplicants ?? (useDefaultTierForNull ? { _default_tier: 2 } : {});
  }
  return 'none';
}

test("the table's own rules, then the default ones; the first that applies", () => {
  fc.assert(
    fc.property(
      fc.array<TestRule>(rule, { maxLength: 3 }),
      fc.array<TestRule>(rule, { maxLength: 2 }),
      fc.integer({ min: 55, max: 99 }),
      (own, defaults, day) => {
        const rules = new Map([
          ['t', parseRules(own.map(jsonOf), 'rules')],
          ['_default', parseRules(defaults.map(jsonOf), 'rules')],
        ]);
        const wish = wishFor(segmentOf('t', day), rules, NOW_MS);
        const shown =
          wish.kind !== 'load'
            ? wish.kind
            : wish.replicas === 'everywhere'
              ? wish.replicas
              : Object.fromEntries(wish.replicas);
        expect(shown).toEqual(naiveWish([...own, ...defaults], day));
      },
    ),
  );
});

test('everywhere is one for each server', () => {
  const servers = new Map([['hot', 3]]);
  expect(replicasByTier('everywhere', servers)).toEqual(servers);
  const replicas = new Map([['cold', 1]]);
  expect(replicasByTier(replicas, servers)).toBe(replicas);
});
