import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeTasks, type WaitingTask, type WorkerState } from './task-placement.js';
import { readWorkerConfig } from './worker-config.js';

const HOSTS = ['a', 'b', 'c', 'd'];

const worker = fc.record({ slots: fc.nat(4), used: fc.nat(4), isEnabled: fc.boolean() });
const workers = fc.array(worker, { maxLength: HOSTS.length }).map((list): WorkerState[] =>
  list.map(({ slots, used, isEnabled }, i) => ({
    host: HOSTS[i]!,
    slots,
    usedSlots: Math.min(slots, used),
    isEnabled,
  })),
);
const tasks = fc
  .array(fc.constantFrom('t', 'u'), { maxLength: 12 })
  .map((names): WaitingTask[] => names.map((dataSource, i) => ({ id: `${i}`, dataSource })));
const config = fc.record({
  type: fc.constantFrom('fillCapacity', 'equalDistribution'),
  affinityConfig: fc.option(
    fc.record({
      affinity: fc.dictionary(
        fc.constant('t'),
        fc.uniqueArray(fc.constantFrom(...HOSTS), { maxLength: 2 }),
      ),
      strong: fc.boolean(),
    }),
  ),
});

type Json = typeof config extends fc.Arbitrary<infer T> ? T : never;

/** Task by task, looking at every node. */
function naive(tasks: readonly WaitingTask[], workers: readonly WorkerState[], json: Json) {
  const used = new Map(workers.map(({ host, usedSlots }) => [host, usedSlots]));
  const affinity: Record<string, string[]> = json.affinityConfig?.affinity ?? {};
  const mine = Object.values(affinity).flat();
  const best = (hosts: string[]): string | null => {
    let found: WorkerState | null = null;
    for (const each of workers) {
      const left = each.slots - used.get(each.host)!;
      if (!hosts.includes(each.host) || !each.isEnabled || left === 0) continue;
      const leftThere = found === null ? null : found.slots - used.get(found.host)!;
      const isBetter = json.type === 'fillCapacity' ? left < leftThere! : left > leftThere!;
      if (found === null || isBetter) found = each;
    }
    return found?.host ?? null;
  };
  const placed: [string, string][] = [];
  for (const { id, dataSource } of tasks) {
    const others = HOSTS.filter((host) => !mine.includes(host));
    const own = affinity[dataSource];
    const rest = json.affinityConfig?.strong === true && own !== undefined ? [] : others;
    const host = best(own ?? rest) ?? best(rest);
    if (host === null) continue;
    used.set(host, used.get(host)! + 1);
    placed.push([id, host]);
  }
  return placed;
}

test('tasks go where the strategy says, and never to a node that is full or disabled', () => {
  fc.assert(
    fc.property(tasks, workers, config, (waiting, nodes, json) => {
      const selectStrategy = { ...json };
      const placed = placeTasks(waiting, nodes, readWorkerConfig({ selectStrategy }));
      expect([...placed]).toEqual(naive(waiting, nodes, json));
    }),
  );
});
