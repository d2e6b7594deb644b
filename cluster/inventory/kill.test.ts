import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type CrashRule,
  cutPowerAt,
  ManualClock,
  SeededRandom,
  sha256Hex,
  silentLogger,
  VirtualDisk,
} from '../../core/index.js';
import type { KillOrder } from '../../ingest/index.js';
import { ETERNITY } from '../../model/index.js';
import type { TableSnapshot } from '../../query/index.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { ALL_SEGMENTS } from '../metadata/segment-selection.js';
import { days, publishOf } from '../testing.js';
import {
  cellsOf,
  DATA_DIR,
  filesBelow,
  openInventory,
  sealChunk,
  visibleCells,
} from './fixture-testing.js';
import { removeLeftOvers } from './recovery.js';
import type { SegmentInventory } from './segment-inventory.js';

const DAY_MS = 86_400_000;
const SOME: KillOrder = {
  interval: ETERNITY,
  versions: null,
  maxUsedChangedMs: null,
  ids: null,
  limit: 2,
};
const ALL: KillOrder = { ...SOME, limit: 1000 };

/** A segment of one row, on a day or in a span that begins with it. */
const sealed = (disk: VirtualDisk, name: string, from: number, to = from + 1) =>
  sealChunk(disk, name, days(from, to), [{ __time: from * DAY_MS, a: name }]);

async function world() {
  const disk = new VirtualDisk();
  const clock = new ManualClock(0);
  const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, clock);
  const inventory = await openInventory(disk, store);
  const publish = (name: string, mode: 'append' | 'overwrite', from: number, to?: number) =>
    inventory.publish(publishOf(name, mode, [sealed(disk, name, from, to)]));
  const files = () => filesBelow(disk, DATA_DIR).map((path) => path.split('/').at(-1));
  return { disk, store, inventory, publish, files };
}

test('what is replaced or dropped is removed, metadata first; what counts stays', async () => {
  const { disk, store, inventory, publish, files } = await world();
  await publish('old', 'overwrite', 0);
  await publish('new', 'overwrite', 0);
  await publish('other', 'overwrite', 1);
  expect(files()).toEqual(['new', 'old', 'other']);
  expect(await inventory.kill('t', ALL)).toBe(1);
  expect(files()).toEqual(['new', 'other']);
  expect(await inventory.drop('t', days(1, 2))).toBe(1);
  expect(await inventory.kill('t', { ...ALL, interval: days(0, 1) })).toBe(0);
  expect(await inventory.kill('t', ALL)).toBe(1);
  expect(files()).toEqual(['new']);
  expect(await visibleCells(inventory)).toEqual(['new']);
  expect(await store.segments.all()).toHaveLength(1);
  await removeLeftOvers(disk, DATA_DIR, store, silentLogger);
  expect(files()).toEqual(['new']);
});

test('a file that is read goes when its last reader is done', async () => {
  const { inventory, publish, files } = await world();
  await publish('old', 'overwrite', 0);
  const first = inventory.snapshot(['t']);
  const task = await inventory.read();
  await publish('new', 'overwrite', 0);
  expect(await inventory.kill('t', ALL)).toBe(1);
  const later = inventory.snapshot(['t']);
  expect(await cellsOf(first)).toEqual(['old']);
  expect(await cellsOf(later)).toEqual(['new']);
  first.release();
  expect(inventory.waitingFiles).toBe(1);
  expect(files()).toEqual(['new', 'old']);
  task.release();
  task.release();
  expect(inventory.waitingFiles).toBe(0);
  expect(files()).toEqual(['new']);
  later.release();
});

test('a file that cannot be removed is left to the next start', async () => {
  const { disk, store, inventory, publish, files } = await world();
  await publish('old', 'overwrite', 0);
  await publish('new', 'overwrite', 0);
  disk.setFaults(cutPowerAt(disk.operationCount));
  expect(await inventory.kill('t', ALL)).toBe(1);
  disk.setFaults(null);
  expect(files()).toEqual(['new', 'old']);
  await removeLeftOvers(disk, DATA_DIR, store, silentLogger);
  expect(files()).toEqual(['new']);
});

type Step =
  | { readonly kind: 'append' | 'overwrite'; readonly from: number; readonly wide: boolean }
  | { readonly kind: 'drop'; readonly from: number; readonly to: number }
  | { readonly kind: 'restore' | 'kill' | 'read' | 'done' }
  | {
      readonly kind: 'crash';
      readonly at: number;
      readonly rule: CrashRule;
      readonly seed: number;
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('append' as const, 'overwrite' as const),
    from: fc.nat(3),
    wide: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('drop' as const),
    from: fc.nat(2),
    to: fc.integer({ min: 2, max: 4 }),
  }),
  fc.record({ kind: fc.constantFrom('restore', 'kill', 'kill', 'read', 'done') }),
  fc.record({
    kind: fc.constant('crash' as const),
    at: fc.nat(5),
    rule: fc.constantFrom<CrashRule>('synced-only', 'everything', 'torn-last', { random: 0.5 }),
    seed: fc.nat(99),
  }),
);

/** Every file that the metadata names is there and sound. */
async function checkFiles(disk: VirtualDisk, store: MetadataStore): Promise<string[]> {
  const named = (await store.segments.all()).filter(({ isTombstone }) => !isTombstone);
  for (const { sealed: file } of named) {
    expect(sha256Hex(disk.readFile(`${DATA_DIR}/${file.path}`))).toBe(file.sha256);
  }
  return named.map(({ sealed: file }) => `${DATA_DIR}/${file.path}`);
}

/** Power is lost while segments are removed; what starts again removes the rest. */
async function crash(
  disk: VirtualDisk,
  store: MetadataStore,
  inventory: SegmentInventory,
  { at, rule, seed }: Extract<Step, { kind: 'crash' }>,
): Promise<VirtualDisk> {
  disk.setFaults(cutPowerAt(disk.operationCount + at));
  await inventory.kill('t', SOME).catch(() => undefined);
  disk.setFaults(null);
  const found = disk.crash(rule, new SeededRandom(seed));
  await removeLeftOvers(found, DATA_DIR, store, silentLogger);
  expect(filesBelow(found, DATA_DIR).sort()).toEqual((await checkFiles(found, store)).sort());
  return found;
}

test('whatever is dropped, taken back, removed and lost: readers read on, and nothing visible is gone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 16 }), async (steps) => {
      let disk = new VirtualDisk();
      const store = await MetadataStore.open(
        { type: 'sqlite', path: ':memory:' },
        new ManualClock(0),
      );
      let inventory = await openInventory(disk, store);
      let readers: { readonly snapshot: TableSnapshot; readonly sees: string[] }[] = [];
      for (const [i, each] of steps.entries()) {
        const before = await visibleCells(inventory);
        if (each.kind === 'append' || each.kind === 'overwrite') {
          const chunk = sealed(disk, `${i}`, each.from, each.wide ? 4 : each.from + 1);
          await inventory.publish(publishOf(`${i}`, each.kind, [chunk]));
        } else if (each.kind === 'drop') await inventory.drop('t', days(each.from, each.to));
        else if (each.kind === 'restore') await inventory.markUsed('t', ALL_SEGMENTS);
        else if (each.kind === 'read') {
          readers.push({ snapshot: inventory.snapshot(['t']), sees: before });
        } else if (each.kind === 'done') readers.shift()?.snapshot.release();
        else if (each.kind === 'crash') {
          readers = [];
          disk = await crash(disk, store, inventory, each);
          inventory = await openInventory(disk, store);
        } else await inventory.kill('t', SOME);
        if (each.kind === 'kill' || each.kind === 'crash') {
          expect(await visibleCells(inventory)).toEqual(before);
        }
        for (const { snapshot, sees } of readers) expect(await cellsOf(snapshot)).toEqual(sees);
        const named = await checkFiles(disk, store);
        if (readers.length === 0) {
          expect(filesBelow(disk, DATA_DIR).sort()).toEqual(named.sort());
        }
      }
      await store.close();
    }),
    { numRuns: 150 },
  );
});
