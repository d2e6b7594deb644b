import { expect, test } from 'vitest';
import { SeededRandom, VirtualTime } from '../../core/index.js';
import type { LivePart, LiveRelease, LiveTable } from '../../ingest/index.js';
import type { SegmentCache } from '../../segments/index.js';
import type { ToldTable } from '../serving/live-table.js';
import { RealtimeTables } from './realtime-tables.js';

const NONE = {} as SegmentCache;

function part(id: number, rowCount: number, layout = 0): LivePart {
  const handle = { kind: 'mutable', rowCount, minTimeMs: 0, maxTimeMs: rowCount, columns: [] };
  const source = { kind: 'mutable', handle } as unknown as LivePart['source'];
  return { id, layout, dataSource: 't', rowCount, minTimeMs: 0, maxTimeMs: rowCount, source };
}

const tableOf = (...parts: LivePart[]): LiveTable => ({
  table: 't',
  generations: [{ to: Number.POSITIVE_INFINITY, parts }],
});

function world() {
  const time = new VirtualTime();
  const told: { position: number; tables: ReadonlyMap<string, ToldTable> }[] = [];
  const unused: LiveRelease[] = [];
  const tables = new RealtimeTables({
    cache: NONE,
    timers: time,
    random: new SeededRandom(7),
    announcer: { setLive: (live) => void told.push(live) },
    onUnused: (releases) => void unused.push(...releases),
  });
  const update = (position: number, table: LiveTable) =>
    tables.update({ logId: 'l', position, tables: [table] });
  const lastParts = () => told.at(-1)!.tables.get('t')!.generations[0]!.parts;
  const ref = (n: number) => {
    const { id, ...rest } = lastParts()[n]!;
    return { kind: 'live' as const, part: id, ...rest };
  };
  return { time, told, unused, tables, update, ref };
}

test('the first news are told at once, later ones together, the latest of them', async () => {
  const { time, told, update } = world();
  for (let i = 1; i <= 5; i++) update(i, tableOf(part(0, i)));
  expect(told.map(({ position }) => position)).toEqual([1]);
  await time.run(30);
  expect(told.map(({ position }) => position)).toEqual([1, 5]);
  expect(told[1]!.tables.get('t')!.generations[0]!.parts[0]!.rowCount).toBe(5);
  await time.run(1000);
  expect(told).toHaveLength(2);
});

test('a part that has grown shows the rows that there were', async () => {
  const { update, tables, ref, unused } = world();
  update(1, tableOf(part(0, 3)));
  const then = ref(0);
  update(2, tableOf(part(0, 9, 1)));
  const opened = await tables.open(then);
  expect(opened!.part).toMatchObject({ rowCount: 3, maxTimeMs: 3 });
  expect((await opened!.part.pin({ columns: [] })).handle).toMatchObject({ rowCount: 3 });
  expect(unused).toEqual([{ id: 0, lowestLayout: 1 }]);
  expect(await tables.open({ ...then, rowCount: 10 })).toBe(null);
  expect(await tables.open({ ...then, dataSource: 'other' })).toBe(null);
  expect(await tables.open({ ...then, part: 0 })).toBe(null);
});

test('a part that was replaced can be read for a while, and as long as somebody reads it', async () => {
  const { time, update, tables, ref, unused } = world();
  update(1, tableOf(part(0, 3)));
  const old = ref(0);
  update(2, tableOf(part(1, 1)));
  await time.run(9_000);
  const opened = await tables.open(old);
  expect(opened).not.toBe(null);
  await time.run(2_000);
  expect(await tables.open(old)).toBe(null);
  expect(tables.partCount).toBe(1);
  expect(unused).toEqual([]);
  opened!.release();
  opened!.release();
  expect(unused).toEqual([{ id: 0, lowestLayout: null }]);
});
