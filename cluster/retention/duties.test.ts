import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type JsonObject, ManualClock, VirtualDisk } from '../../core/index.js';
import {
  DATA_DIR,
  filesBelow,
  openInventory,
  sealChunk,
  visibleCells,
} from '../inventory/fixture-testing.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { ALL_SEGMENTS } from '../metadata/segment-selection.js';
import { days, publishOf } from '../testing.js';
import { killOutdated } from './kill-duty.js';
import { applyRules } from './retention-duty.js';
import { RetentionRules } from './retention-rules.js';
import { decide } from './rule.js';

const DAY_MS = 86_400_000;
const NOBODY = { author: '', comment: '', ip: '' };

async function world(nowDay = 10) {
  const disk = new VirtualDisk();
  const clock = new ManualClock(nowDay * DAY_MS);
  const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, clock);
  const inventory = await openInventory(disk, store);
  const rules = new RetentionRules(store.settings);
  return {
    clock,
    store,
    inventory,
    rules,
    files: () => filesBelow(disk, DATA_DIR).map((path) => path.split('/').at(-1)),
    set: (name: string, list: readonly JsonObject[]) => rules.set(name, list, NOBODY),
    publish: (name: string, from: number, to = from + 1) => {
      const rows = Array.from({ length: to - from }, (_, i) => ({
        __time: (from + i) * DAY_MS,
        a: `${name}${from + i}`,
      }));
      const segment = sealChunk(disk, name, days(from, to), rows);
      return inventory.publish(publishOf(name, 'overwrite', [segment]));
    },
    apply: async () => Object.fromEntries(await applyRules(inventory, rules, clock.nowMs())),
    kill: async (replacedDays: number | null, droppedDays: number | null) => {
      const ms = (count: number | null) => (count === null ? null : count * DAY_MS);
      const periods = { replacedMs: ms(replacedDays), droppedMs: ms(droppedDays) };
      return Object.fromEntries(await killOutdated(inventory, store, periods, clock.nowMs()));
    },
  };
}

test('rules of a table, then the default ones; what is dropped does not come back by itself', async () => {
  const { inventory, clock, publish, set, apply } = await world();
  for (const day of [2, 5, 9]) await publish(`d${day}-`, day);
  expect(await apply()).toEqual({});
  await set('_default', [{ type: 'dropForever' }]);
  await set('t', [{ type: 'loadByPeriod', period: 'P5D' }]);
  expect(await apply()).toEqual({ t: 1 });
  expect(await visibleCells(inventory)).toEqual(['d5-5', 'd9-9']);
  clock.advance(DAY_MS);
  expect(await apply()).toEqual({ t: 1 });
  await set('t', []);
  await set('_default', []);
  expect(await apply()).toEqual({});
  expect(await visibleCells(inventory)).toEqual(['d9-9']);
  expect(await inventory.markUsed('t', ALL_SEGMENTS)).toBe(2);
  expect(await visibleCells(inventory)).toEqual(['d2-2', 'd5-5', 'd9-9']);
});

test('a day that a rule drops does not show what it hid', async () => {
  const { inventory, publish, set, apply } = await world(40);
  await publish('month', 0, 4);
  await publish('day', 2);
  await set('t', [{ type: 'dropByInterval', interval: '1970-01-03/1970-01-04' }]);
  expect(await apply()).toEqual({ t: 1 });
  expect(await visibleCells(inventory)).toEqual(['month0', 'month1', 'month3']);
  expect(await apply()).toEqual({});
});

test('files go when their time has come: of what was replaced, and later of what was dropped', async () => {
  const { inventory, clock, publish, files, kill } = await world();
  await publish('old', 0);
  await publish('new', 0);
  await publish('other', 1);
  await inventory.drop('t', days(1, 2));
  expect(await kill(1, 3)).toEqual({});
  clock.advance(DAY_MS);
  expect(await kill(null, null)).toEqual({});
  expect(await kill(1, 3)).toEqual({ t: 1 });
  expect(files()).toEqual(['new', 'other']);
  clock.advance(2 * DAY_MS);
  expect(await kill(1, null)).toEqual({});
  expect(await kill(1, 3)).toEqual({ t: 1 });
  expect(files()).toEqual(['new']);
  expect(await visibleCells(inventory)).toEqual(['new0']);
});

test('whatever rules and removals do: rows that no rule drops stay, and stay readable', async () => {
  const span = fc.tuple(fc.nat(7), fc.integer({ min: 1, max: 4 }));
  const rule = fc.oneof(
    fc.record({ type: fc.constantFrom('loadForever', 'dropForever') }),
    fc.record({
      type: fc.constantFrom('loadByPeriod', 'dropByPeriod', 'dropBeforeByPeriod'),
      period: fc.nat(12).map((count) => `P${count}D`),
    }),
    fc.record({
      type: fc.constantFrom('loadByInterval', 'dropByInterval'),
      interval: span.map(([from, length]) =>
        [from, from + length].map((day) => new Date(day * DAY_MS).toISOString()).join('/'),
      ),
    }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(span, { minLength: 1, maxLength: 5 }),
      fc.array(rule, { maxLength: 3 }),
      async (spans, list) => {
        const { inventory, store, clock, rules, publish, set, apply, kill } = await world();
        for (const [i, [from, length]] of spans.entries())
          await publish(`${i}-`, from, from + length);
        const before = await visibleCells(inventory);
        const segments = inventory.placed('t');
        await set('t', list);
        const inForce = await rules.inForce('t');
        const kept = segments.filter(
          ({ id }) => decide(inForce, id.interval, clock.nowMs()) !== 'drop',
        );
        // A row is named by its publish, which made one segment.
        const names = new Set(kept.map(({ sealed }) => sealed.path.split('/').at(-1)));
        const expected = before.filter((cell) => names.has(`${cell.split('-')[0]}-`));
        await apply();
        expect(await visibleCells(inventory)).toEqual(expected);
        await kill(0, 0);
        expect(await visibleCells(inventory)).toEqual(expected);
        expect(await store.segments.unused('t')).toEqual([]);
        await store.close();
      },
    ),
    { numRuns: 100 },
  );
});
