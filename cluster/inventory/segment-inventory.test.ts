import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  CorruptSegmentError,
  ManualClock,
  SeededRandom,
  UnavailableError,
  VirtualDisk,
} from '../../core/index.js';
import { ETERNITY } from '../../model/index.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { ALL_SEGMENTS } from '../metadata/segment-selection.js';
import { days, publishOf } from '../testing.js';
import { DATA_DIR, openInventory, sealChunk, visibleCells } from './fixture-testing.js';
import type { SegmentInventory } from './segment-inventory.js';

const DAY_MS = 86_400_000;
const day = (n: number, a: string) => ({ __time: n * DAY_MS, a });

let disk: VirtualDisk;
let store: MetadataStore;
let inventory: SegmentInventory;
beforeEach(async () => {
  disk = new VirtualDisk();
  store = await MetadataStore.open(
    { type: 'sqlite', path: ':memory:' },
    new ManualClock(Date.UTC(2024, 0, 1)),
  );
  inventory = await openInventory(disk, store);
});
afterEach(() => store.close());

test('what is published is served at once, and again after a restart', async () => {
  const segment = sealChunk(disk, '1', days(0, 1), [day(0, 'x'), day(0.5, 'y')]);
  const [id] = await inventory.publish(publishOf('p', 'append', [segment]));
  for (const each of [inventory, await openInventory(disk, store)]) {
    expect(each.tables()).toEqual(['t']);
    const parts = each.snapshot(['t']).parts('t', [days(0, 9)]);
    expect(parts).toMatchObject([
      { id, interval: days(0, 1), minTimeMs: 0, maxTimeMs: 0.5 * DAY_MS, rowCount: 2 },
    ]);
    expect(await visibleCells(each)).toEqual(['x', 'y']);
    expect(each.snapshot(['t']).parts('t', [days(1, 9)])).toEqual([]);
    expect(each.snapshot(['no']).parts('no', [ETERNITY])).toEqual([]);
    expect(each.schema('no such table')).toBeNull();
    expect(await each.hasPublished('p')).toBe(true);
  }
});

test('paths in the metadata do not name the data directory, so that it can be moved', async () => {
  await inventory.publish(
    publishOf('p', 'append', [sealChunk(disk, '1', days(0, 1), [day(0, 'x')])]),
  );
  expect((await store.segments.used()).map(({ sealed }) => sealed.path)).toEqual(['segments/t/1']);
  expect(inventory.segments().map(({ path }) => path)).toEqual([`${DATA_DIR}/segments/t/1`]);
});

test('a snapshot stays as it was when something is published', async () => {
  await inventory.publish(
    publishOf('p', 'overwrite', [sealChunk(disk, '1', days(0, 1), [day(0, 'old')])]),
  );
  const before = inventory.snapshot(['t']);
  await inventory.publish(
    publishOf('q', 'overwrite', [sealChunk(disk, '2', days(0, 1), [day(0, 'new')])]),
  );
  expect(before.parts('t', [ETERNITY]).map(({ id }) => id.version)).toEqual([
    '2024-01-01T00:00:00.000Z',
  ]);
  (await before.parts('t', [ETERNITY])[0]!.pin({ columns: ['a'] })).release();
  expect(await visibleCells(inventory)).toEqual(['new']);
});

test('a day over a month: the month is clipped, and appended rows go where they show', async () => {
  const month = sealChunk(disk, 'm', days(0, 31), [day(3, 'm3'), day(10, 'm10'), day(20, 'm20')]);
  await inventory.publish(publishOf('p', 'overwrite', [month]));
  await inventory.publish(
    publishOf('q', 'overwrite', [sealChunk(disk, 'd', days(10, 11), [day(10, 'd10')])]),
  );
  expect(await visibleCells(inventory)).toEqual(['d10', 'm20', 'm3']);
  const intervals = inventory
    .snapshot(['t'])
    .parts('t', [days(5, 25)])
    .map(({ interval }) => interval);
  expect(intervals).toEqual([days(5, 10), days(10, 11), days(11, 25)]);
  expect(inventory.chunkIntervals('t')).toEqual([days(10, 11), days(0, 31)]);
  expect(inventory.chunkIntervals('no such table')).toEqual([]);
});

test('a table without segments is gone, and can come again', async () => {
  const segment = sealChunk(disk, '1', days(0, 1), [day(0, 'x')]);
  await inventory.publish(publishOf('p', 'append', [segment]));
  expect(await inventory.drop('t', days(5, 6))).toBe(0);
  expect(await inventory.markUnused('t', ALL_SEGMENTS)).toBe(1);
  expect([inventory.tables(), inventory.schema('t'), inventory.segments('t')]).toEqual([
    [],
    null,
    [],
  ]);
  await inventory.publish(
    publishOf('q', 'append', [sealChunk(disk, '2', days(0, 1), [day(0, 'z')])]),
  );
  expect(await visibleCells(inventory)).toEqual(['z']);
});

test('the schema has the columns of all segments, in types that the values of all fit', async () => {
  const row = { __time: 0, a: 'x', n: 1, old: 'o', new: 2 };
  const old = sealChunk(disk, '1', days(0, 1), [{ ...row, n: '1' }], {
    a: 'STRING',
    n: 'STRING',
    old: 'STRING',
  });
  const more = sealChunk(disk, '2', days(1, 2), [{ ...row, __time: DAY_MS, a: ['x', 'y'] }], {
    a: 'STRING',
  });
  const newest = sealChunk(disk, '3', days(1, 2), [row], { new: 'LONG', n: 'LONG', a: 'STRING' });
  await inventory.publish(publishOf('p', 'append', [old, more]));
  await inventory.publish(publishOf('q', 'append', [newest]));
  expect(inventory.schema('t')?.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
    '__time LONG',
    'new LONG',
    'n STRING',
    'a STRING',
    'old STRING',
  ]);
  const multiValue = inventory.schema('t')?.columns.filter((column) => column.multiValue);
  expect(multiValue?.map(({ name }) => name)).toEqual(['a']);
});

describe('a published file that is not as it was', () => {
  beforeEach(async () => {
    const segments = ['1', '2', '3'].map((name, i) =>
      sealChunk(disk, name, days(i, i + 1), [day(i, name)]),
    );
    await inventory.publish(publishOf('p', 'append', segments));
  });

  const rewrite = (name: string, bytes: Uint8Array): void => {
    const file = disk.create(`${DATA_DIR}/segments/t/${name}`);
    file.write(bytes);
    file.close();
  };
  const bytesOf = (name: string) => disk.readFile(`${DATA_DIR}/segments/t/${name}`);

  test.each([
    {
      name: 'missing',
      harm: () => disk.remove(`${DATA_DIR}/segments/t/2`),
      error: UnavailableError,
      says: /\/data\/segments\/t\/2.*is missing/,
    },
    {
      name: 'short',
      harm: () => rewrite('2', bytesOf('2').slice(0, -1)),
      error: CorruptSegmentError,
      says: /\/data\/segments\/t\/2/,
    },
    {
      name: 'empty',
      harm: () => rewrite('2', new Uint8Array()),
      error: CorruptSegmentError,
      says: /\/data\/segments\/t\/2/,
    },
    {
      name: 'swapped with another sound file',
      harm: () => rewrite('2', bytesOf('3')),
      error: CorruptSegmentError,
      says: /\/data\/segments\/t\/2.*published were 1 rows/,
    },
  ])('$name: queries that need it fail, others do not', async ({ harm, error, says }) => {
    harm();
    const restarted = await openInventory(disk, store);
    const parts = restarted.snapshot(['t']).parts('t', [ETERNITY]);
    expect(parts.length).toBe(3);
    expect(restarted.segments('t').map(({ isReadable }) => isReadable)).toEqual([
      true,
      false,
      true,
    ]);
    const pin = parts[1]!.pin({ columns: ['a'] });
    await expect(pin).rejects.toBeInstanceOf(error);
    await expect(pin).rejects.toThrow(says);
    (await parts[0]!.pin({ columns: ['a'] })).release();
    expect(restarted.schema('t')?.columns.map(({ name }) => name)).toEqual(['__time', 'a']);
  });

  test('any byte changed: an error, or an answer as before', async () => {
    const sound = bytesOf('2');
    const random = new SeededRandom(5);
    const expected = await visibleCells(await openInventory(disk, store));
    let refusals = 0;
    for (let i = 0; i < 300; i++) {
      const bytes = sound.slice();
      bytes[random.nextUint32() % bytes.length]! ^= 1 << (random.nextUint32() % 8);
      rewrite('2', bytes);
      const restarted = await openInventory(disk, store);
      const answer = await visibleCells(restarted).catch((error: unknown) => error);
      if (Array.isArray(answer)) expect(answer).toEqual(expected);
      else expect(answer).toBeInstanceOf(CorruptSegmentError);
      refusals += Array.isArray(answer) ? 0 : 1;
    }
    expect(refusals).toBeGreaterThan(100);
  });
});
