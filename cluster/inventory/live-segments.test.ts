import { afterEach, beforeEach, expect, test } from 'vitest';
import { ArenaPool, ManualClock, VirtualDisk } from '../../core/index.js';
import {
  type ChunkSegment,
  DEAD_LETTERS,
  type LiveGeneration,
  type LivePart,
  type LiveRelease,
  type LiveTable,
} from '../../ingest/index.js';
import { ETERNITY } from '../../model/index.js';
import { type DimensionSchema, MutableSegment, segmentIdText } from '../../segments/index.js';
import { type PlainRow, rowsOf, schemaOf } from '../../segments/testing.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { ALL_SEGMENTS } from '../metadata/segment-selection.js';
import { days, publishOf } from '../testing.js';
import { openInventory, sealChunk, visibleCells } from './fixture-testing.js';
import type { SegmentInventory } from './segment-inventory.js';

const DAY_MS = 86_400_000;
const day = (n: number, a: string) => ({ __time: n * DAY_MS, a });
type Dimensions = Record<string, DimensionSchema['type']>;

let disk: VirtualDisk;
let store: MetadataStore;
let inventory: SegmentInventory;
let unused: LiveRelease[];
let position: number;
beforeEach(async () => {
  disk = new VirtualDisk();
  unused = [];
  position = 100;
  store = await MetadataStore.open(
    { type: 'sqlite', path: ':memory:' },
    new ManualClock(Date.UTC(2024, 0, 1)),
  );
  inventory = await openInventory(disk, store, { onUnused: (list) => unused.push(...list) });
  await inventory.pushCatalog.declare('t', {}, 0);
});
afterEach(() => store.close());

function mutable(
  id: number,
  rows: readonly PlainRow[],
  dimensions: Dimensions = { a: 'STRING' },
  dataSource = 't',
): LivePart {
  const pool = new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 1 << 22 });
  const segment = new MutableSegment(schemaOf(dimensions), pool);
  segment.append(rowsOf(rows, { __time: 'LONG', ...dimensions }));
  const { handle, rowCount, minTimeMs, maxTimeMs } = segment.snapshot();
  return {
    id,
    layout: 0,
    dataSource,
    rowCount,
    minTimeMs: minTimeMs ?? 0,
    maxTimeMs: maxTimeMs ?? 0,
    source: { kind: 'mutable', handle },
  };
}

function piece(id: number, rows: readonly PlainRow[]): LivePart {
  const { sealed } = sealChunk(disk, `piece${id}`, days(0, 1), rows);
  const { rowCount, minTimeMs, maxTimeMs } = sealed;
  const source = { kind: 'piece', sealed } as const;
  return { id, layout: 0, dataSource: 't', rowCount, minTimeMs, maxTimeMs, source };
}

const growing = (...parts: LivePart[]): LiveGeneration => ({
  to: Number.POSITIVE_INFINITY,
  parts,
});

function announce(generations: readonly LiveGeneration[], table = 't'): void {
  const tables: LiveTable[] = [{ table, generations }];
  inventory.announce({ logId: 'log', position: position++, tables });
}

test('pushed rows are rows of the table, beside the published ones and without them', async () => {
  announce([growing(mutable(1, [day(0, 'live')]), piece(2, [day(1, 'sealed')]))]);
  expect(inventory.tables()).toEqual(['t']);
  expect(inventory.segments()).toEqual([]);
  expect(inventory.chunkIntervals('t')).toEqual([]);
  expect(await visibleCells(inventory)).toEqual(['live', 'sealed']);
  const old = sealChunk(disk, 'old', days(0, 1), [day(0, 'old')]);
  await inventory.publish(publishOf('p', 'append', [old]));
  expect(await visibleCells(inventory)).toEqual(['live', 'old', 'sealed']);
  await inventory.markUnused('t', ALL_SEGMENTS);
  expect(await visibleCells(inventory)).toEqual(['live', 'sealed']);
  announce([]);
  expect(inventory.tables()).toEqual([]);
  expect(inventory.schema('t')).toBeNull();
});

test('parts: published by time, then live from old to new; ids are their own', async () => {
  const chunks = [1, 0].map((n) => sealChunk(disk, `${n}`, days(n, n + 1), [day(n, 'x')]));
  await inventory.publish(publishOf('p', 'append', chunks));
  const old = { to: 50, parts: [mutable(7, [day(5, 'x'), day(0.5, 'y')])] };
  announce([old, growing(mutable(3, [day(0, 'x')]), mutable(4, []))]);
  const texts = (from: number, to: number) =>
    inventory
      .snapshot(['t'])
      .parts('t', [days(from, to)])
      .map(({ id }) => segmentIdText(id));
  expect(texts(0, 9)).toEqual([
    't_1970-01-01T00:00:00.000Z_1970-01-02T00:00:00.000Z_2024-01-01T00:00:00.000Z',
    't_1970-01-02T00:00:00.000Z_1970-01-03T00:00:00.000Z_2024-01-01T00:00:00.000Z',
    't_1970-01-01T12:00:00.000Z_1970-01-06T00:00:00.001Z_realtime_7',
    't_1970-01-01T00:00:00.000Z_1970-01-01T00:00:00.001Z_realtime_3',
  ]);
  expect(texts(5, 9)).toEqual(['t_1970-01-01T12:00:00.000Z_1970-01-06T00:00:00.001Z_realtime_7']);
  expect(inventory.liveSegments().map(({ idText, rowCount }) => [idText, rowCount])).toEqual([
    ['t_1970-01-01T12:00:00.000Z_1970-01-06T00:00:00.001Z_realtime_7', 2],
    ['t_1970-01-01T00:00:00.000Z_1970-01-01T00:00:00.001Z_realtime_3', 1],
  ]);
});

test('columns: those of live rows are the newest', async () => {
  const row = { __time: 0, a: ['x', 'y'], n: '1', old: 'o', new: 2 };
  const sealed = sealChunk(disk, '1', days(0, 1), [row], {
    a: 'STRING',
    n: 'STRING',
    old: 'STRING',
  });
  await inventory.publish(publishOf('p', 'append', [sealed]));
  const first = mutable(1, [{ __time: 0, n: 1, a: 'z' }], { n: 'LONG', a: 'STRING' });
  const last = mutable(2, [{ __time: 0, n: 1, new: 2 }], { new: 'LONG', n: 'DOUBLE' });
  announce([growing(first, last)]);
  const { columns } = inventory.schema('t')!;
  expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
    '__time LONG',
    'new LONG',
    'n STRING',
    'a STRING',
    'old STRING',
  ]);
  expect(columns.filter(({ multiValue }) => multiValue).map(({ name }) => name)).toEqual(['a']);
  expect(inventory.snapshot(['t']).schema('t')).toEqual({ columns });
});

test('a handoff takes rows and letters from live to published in one step', async () => {
  const rows = mutable(1, [day(0, 'x')]);
  const letters = mutable(2, [day(0, 'late')], { a: 'STRING' }, DEAD_LETTERS);
  announce([{ to: 10, parts: [rows, letters] }, growing(mutable(3, [day(0, 'next')]))]);
  announce([growing(mutable(4, [day(0, 'other')], { a: 'STRING' }, DEAD_LETTERS))], 'u');
  const before = inventory.snapshot(['t', DEAD_LETTERS]);
  const counts = (snapshot = inventory.snapshot(['t', DEAD_LETTERS])) =>
    ['t', DEAD_LETTERS].map((name) =>
      snapshot.parts(name, [ETERNITY]).map(({ id }) => id.version === 'realtime'),
    );
  expect(counts()).toEqual([
    [true, true],
    [true, true],
  ]);
  const cut = (segment: ChunkSegment) => ({ chunkIntervals: [], segments: [segment] });
  const segments = new Map([
    ['t', cut(sealChunk(disk, 'rows', days(0, 1), [day(0, 'x')]))],
    [DEAD_LETTERS, cut(sealChunk(disk, 'letters', days(0, 1), [day(0, 'late')]))],
  ]);
  await inventory.pushCatalog.publish({ table: 't', from: 0, to: 10, segments });
  expect(counts()).toEqual([
    [false, true],
    [false, true],
  ]);
  expect(await visibleCells(inventory)).toEqual(['next', 'x']);
  expect((await store.segments.used('t'))[0]!.sealed.path).toBe('segments/t/rows');
  expect(counts(before)).toEqual([
    [true, true],
    [true, true],
  ]);
  const restarted = await openInventory(disk, store);
  expect(await visibleCells(restarted)).toEqual(['x']);
});

test('memory is free when it is neither announced nor read, older layouts before that', async () => {
  const part = mutable(1, [day(0, 'x')]);
  announce([growing(part)]);
  const [first, second] = [inventory.snapshot(['t']), inventory.snapshot(['t', 'u'])];
  announce([growing({ ...part, layout: 1 })]);
  announce([growing({ ...part, layout: 4 })]);
  const third = inventory.snapshot(['t']);
  expect(unused).toEqual([]);
  first.release();
  first.release();
  expect(unused).toEqual([]);
  second.release();
  expect(unused.splice(0)).toEqual([{ id: 1, lowestLayout: 4 }]);
  announce([]);
  expect(unused).toEqual([]);
  third.release();
  expect(() => third.parts('t', [ETERNITY])).toThrow('before it is released');
  expect(unused).toEqual([{ id: 1, lowestLayout: null }]);
});

test('a piece leaves the memory for files with its last reader', async () => {
  announce([growing(piece(1, [day(0, 'x')]))]);
  const snapshot = inventory.snapshot(['t']);
  announce([]);
  const [part] = snapshot.parts('t', [ETERNITY]);
  (await part!.pin({ columns: ['a'] })).release();
  disk.remove('/data/segments/t/piece1');
  (await part!.pin({ columns: ['a'] })).release();
  snapshot.release();
  await expect(part!.pin({ columns: ['a'] })).rejects.toThrow('piece1');
});

test('tokens are waited for until the update that shows them', async () => {
  const { signal } = new AbortController();
  let isSeen = false;
  const wait = inventory.waitFor('log:100', signal).then(() => {
    isSeen = true;
  });
  await new Promise(setImmediate);
  expect(isSeen).toBe(false);
  inventory.announce({ logId: 'log', position: 100, tables: [] });
  await wait;
});
