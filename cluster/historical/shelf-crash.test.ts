import { expect, test } from 'vitest';
import { type Disk, SeededRandom, VirtualDisk } from '../../core/index.js';
import { draws, watchCrashes } from '../../core/testing.js';
import { segmentIdText } from '../../segments/index.js';
import { sealChunk } from '../inventory/fixture-testing.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import { MemoryStore } from '../storage/memory-store-testing.js';
import { packingOn } from '../storage/packing.js';
import { SegmentTransfer } from '../storage/segment-transfer.js';
import { days } from '../testing.js';
import { shelfTemporaryDir } from './shelf-files.js';
import { DIRECTORY, openShelf } from './shelf-fixture-testing.js';

const { signal } = new AbortController();
const store = new MemoryStore();

/** Of so many states one is looked at; in a long run, all. */
const EVERY = draws(1) > 1 ? 1 : 24;

function transferOn(disk: Disk, seed = 1): SegmentTransfer {
  const random = new SeededRandom(seed);
  const temporaryDir = shelfTemporaryDir(DIRECTORY);
  return new SegmentTransfer({ disk, store, packing: packingOn(disk), random, temporaryDir });
}

/** Published segments of real rows, and their bytes. */
async function published(count: number) {
  const disk = new VirtualDisk();
  const transfer = transferOn(disk, 2);
  const made: { segment: StoredSegment; bytes: Uint8Array }[] = [];
  for (let day = 0; day < count; day++) {
    const interval = days(day, day + 1);
    const rows = [0, 1, 2].map((i) => ({ __time: interval.startMs + i, a: `${day}.${i}` }));
    const { sealed } = sealChunk(disk, `s${day}`, interval, rows);
    const key = transfer.newKey('t', interval);
    const deep = await transfer.put(key, sealed.path, sealed, signal);
    const id = { dataSource: 't', interval, version: 'v', partitionNum: 0 };
    const segment = { id, idText: segmentIdText(id), sealed: { ...sealed, deep } };
    made.push({ segment: segment as StoredSegment, bytes: disk.readFile(sealed.path) });
  }
  return made;
}

test('after a power cut at any call, what is listed is whole or fetched anew, and what was assigned is still there', async () => {
  const made = await published(4);
  const [a, b, c, d] = made as [
    (typeof made)[0],
    (typeof made)[0],
    (typeof made)[0],
    (typeof made)[0],
  ];
  const limit = { maxBytes: 4 * a.bytes.length, coldBytes: a.bytes.length };
  const disk = new VirtualDisk();
  const assigned = new Set<string>();
  const checks: (() => Promise<void>)[] = [];
  let listedCount = 0;
  let stateCount = 0;
  const end = watchCrashes(disk, 1, (found, name) => {
    // There are five rules, so that over a few calls each is looked at.
    if (stateCount++ % EVERY !== 0) return;
    const wanted = [...assigned];
    checks.push(async () => {
      const { shelf, told } = openShelf(found, transferOn(found, 3), limit);
      for (const idText of wanted) expect(told.get(idText), `${name}: ${idText}`).toBe(true);
      listedCount += told.size;
      // A file that is listed is whole before anybody takes it: nothing was written in place.
      for (const { segment, bytes } of made) {
        if (!told.has(segment.idText)) continue;
        const path = await shelf.ensure(segment, 'cold', signal);
        expect(found.readFile(path), name).toEqual(bytes);
      }
      expect(
        found.list(DIRECTORY).filter((each) => each.endsWith('.tmp')),
        name,
      ).toEqual([]);
      await shelf.close();
    });
  });
  const { shelf } = openShelf(disk, transferOn(disk), limit);
  const assign = async ({ segment }: typeof a) => {
    await shelf.ensure(segment, 'assigned', signal);
    assigned.add(segment.idText);
  };
  await assign(a);
  await shelf.ensure(b.segment, 'cold', signal);
  await assign(b);
  await shelf.ensure(c.segment, 'cold', signal);
  await shelf.ensure(d.segment, 'cold', signal);
  assigned.delete(a.segment.idText);
  await shelf.drop(a.segment.idText);
  await shelf.ensure(c.segment, 'cold', signal);
  shelf.setAside(c.segment.idText);
  await shelf.ensure(c.segment, 'cold', signal);
  end();
  for (const check of checks) await check();
  expect(checks.length).toBeGreaterThan(100);
  expect(listedCount).toBeGreaterThan(checks.length);
});

test.each([
  {
    name: 'a note that was changed',
    change: (bytes: Uint8Array) => bytes.map((x, i) => (i === 40 ? x ^ 1 : x)),
  },
  { name: 'half a note', change: (bytes: Uint8Array) => bytes.slice(0, 30) },
  { name: 'an empty note', change: () => new Uint8Array(0) },
])('$name is no note', async ({ change }) => {
  const [made] = await published(1);
  const disk = new VirtualDisk();
  const first = openShelf(disk, transferOn(disk));
  await first.shelf.ensure(made!.segment, 'assigned', signal);
  const path = `${DIRECTORY}/${disk.list(DIRECTORY).find((each) => each.endsWith('.note'))}`;
  const bytes = change(disk.readFile(path));
  const file = disk.create(path);
  file.write(bytes);
  file.close();
  const { told } = openShelf(disk, transferOn(disk));
  expect(told.size).toBe(0);
  expect(disk.list(DIRECTORY).filter((each) => each.includes('.'))).toEqual([]);
});
