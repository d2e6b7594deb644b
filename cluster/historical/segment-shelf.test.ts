import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CapacityError,
  failOperation,
  ResourceLimitError,
  UnavailableError,
  VirtualDisk,
} from '../../core/index.js';
import { draws } from '../../core/testing.js';
import type { SegmentShelf } from './segment-shelf.js';
import { ShelfFullError } from './shelf-budget.js';
import { ShelfFiles } from './shelf-files.js';
import {
  bytesOf,
  DIRECTORY,
  openShelf,
  segmentOfDay,
  TestTransfer,
} from './shelf-fixture-testing.js';

const { signal } = new AbortController();
const SEGMENTS = Array.from({ length: 8 }, (_, day) => segmentOfDay(day, 1000));
const [A, B, C] = SEGMENTS as [(typeof SEGMENTS)[0], (typeof SEGMENTS)[0], (typeof SEGMENTS)[0]];
const TOO_LARGE = segmentOfDay(100, 20_000);

function fixture(options: Parameters<typeof openShelf>[2] = {}) {
  const disk = new VirtualDisk();
  const transfer = new TestTransfer(disk, [...SEGMENTS, TOO_LARGE]);
  return { disk, transfer, ...openShelf(disk, transfer, options) };
}

const listed = (shelf: SegmentShelf) =>
  [...shelf.segments()].map(({ segment, isAssigned }) => [
    segment.id.interval.startMs / 86_400_000,
    isAssigned,
  ]);

test('one download, however many ask', async () => {
  const { disk, transfer, shelf, told } = fixture();
  const paths = await Promise.all(
    (['cold', 'assigned', 'cold'] as const).map((kind) => shelf.ensure(A, kind, signal)),
  );
  expect(new Set(paths).size).toBe(1);
  expect(disk.readFile(paths[0]!)).toEqual(bytesOf(A));
  await shelf.ensure(A, 'cold', signal);
  expect(transfer.fetched).toHaveLength(1);
  expect(listed(shelf)).toEqual([[0, true]]);
  expect([...told]).toEqual([[A.idText, true]]);
});

test('few downloads at the same time; too many that wait are refused', async () => {
  const { transfer, shelf } = fixture({ maxLoading: 6 });
  const asked = SEGMENTS.map((each) => shelf.ensure(each, 'cold', signal));
  const results = await Promise.allSettled(asked);
  expect(transfer.mostRunning).toBe(2);
  const refused = results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  expect(refused).toHaveLength(2);
  for (const error of refused) expect(error).toBeInstanceOf(CapacityError);
});

test('who was asked for longest ago leaves first; assigned and held ones stay', async () => {
  const { disk, shelf, told } = fixture({ maxBytes: 5100, coldBytes: 1000 });
  await shelf.ensure(SEGMENTS[0]!, 'assigned', signal);
  const held = await shelf.take(SEGMENTS[1]!, 'cold', signal);
  await shelf.ensure(SEGMENTS[2]!, 'cold', signal);
  await shelf.ensure(SEGMENTS[3]!, 'cold', signal);
  await shelf.ensure(SEGMENTS[2]!, 'cold', signal);
  await shelf.ensure(SEGMENTS[4]!, 'cold', signal);
  await shelf.ensure(SEGMENTS[5]!, 'cold', signal);
  expect(
    listed(shelf)
      .map(([day]) => day)
      .sort(),
  ).toEqual([0, 1, 2, 4, 5]);
  expect(told.size).toBe(5);
  expect(disk.readFile(held.path)).toEqual(bytesOf(SEGMENTS[1]!));
  held.release();
  held.release();
  await shelf.ensure(SEGMENTS[6]!, 'cold', signal);
  expect(
    listed(shelf)
      .map(([day]) => day)
      .sort(),
  ).toEqual([0, 2, 4, 5, 6]);
  expect(disk.list(DIRECTORY).filter((name) => name.endsWith('.varve'))).toHaveLength(5);
});

test('assigned ones beyond the budget are refused, cold ones wait for room', async () => {
  const { shelf } = fixture({ maxBytes: 3200, coldBytes: 1200 });
  await shelf.ensure(A, 'assigned', signal);
  await shelf.ensure(B, 'assigned', signal);
  await expect(shelf.ensure(C, 'assigned', signal)).rejects.toThrow(ShelfFullError);
  const held = await shelf.take(C, 'cold', signal);
  await expect(shelf.ensure(C, 'assigned', signal)).rejects.toThrow(ShelfFullError);
  let isThere = false;
  const waiting = shelf.ensure(SEGMENTS[3]!, 'cold', signal).then(() => {
    isThere = true;
  });
  const impatient = shelf.ensure(SEGMENTS[4]!, 'cold', AbortSignal.timeout(20));
  await expect(impatient).rejects.toThrow('timeout');
  expect(isThere).toBe(false);
  held.release();
  await waiting;
  expect(listed(shelf)).toEqual([
    [0, true],
    [1, true],
    [3, false],
  ]);
  await expect(shelf.ensure(TOO_LARGE, 'cold', signal)).rejects.toThrow(ResourceLimitError);
});

test('a dropped one waits for its readers, and may come back meanwhile', async () => {
  const { disk, shelf, told } = fixture();
  const held = await shelf.take(A, 'assigned', signal);
  let isDropped = false;
  const dropped = shelf.drop(A.idText).then(() => {
    isDropped = true;
  });
  expect([...told.keys(), ...listed(shelf)]).toEqual([]);
  const second = await shelf.take(A, 'cold', signal);
  held.release();
  await setImmediate();
  expect(isDropped).toBe(false);
  expect(disk.readFile(second.path)).toEqual(bytesOf(A));
  second.release();
  await dropped;
  expect(disk.stat(second.path)).toBeNull();
  const again = await shelf.take(A, 'assigned', signal);
  const leaving = shelf.drop(A.idText);
  await shelf.ensure(A, 'assigned', signal);
  await leaving;
  again.release();
  expect(listed(shelf)).toEqual([[0, true]]);
  expect([...told]).toEqual([[A.idText, true]]);
  await shelf.drop('nobody');
});

test('what nobody waits for any more is not fetched; who comes then gets it', async () => {
  const { transfer, shelf } = fixture();
  const ending = new AbortController();
  const left = shelf.ensure(A, 'cold', ending.signal);
  const stays = shelf.ensure(B, 'cold', ending.signal);
  const other = shelf.ensure(B, 'cold', signal);
  await setImmediate();
  ending.abort(new Error('enough'));
  const next = shelf.ensure(A, 'cold', signal);
  await expect(left).rejects.toThrow('enough');
  await expect(stays).rejects.toThrow('enough');
  await other;
  await next;
  expect(transfer.fetched.filter((key) => key === B.sealed.deep!.key)).toHaveLength(1);
  expect(listed(shelf)).toHaveLength(2);
});

test('a restart finds what was there; damaged files are set aside and fetched again', async () => {
  const { disk, transfer, shelf } = fixture();
  await shelf.ensure(A, 'assigned', signal);
  const path = await shelf.ensure(B, 'cold', signal);
  await shelf.ensure(C, 'cold', signal);
  const file = disk.create(path);
  file.write(bytesOf(B).map((byte, i) => (i === 500 ? byte ^ 1 : byte)));
  file.close();
  const damaged: unknown[] = [];
  const again = openShelf(disk, transfer, { onDamage: (...each) => damaged.push(each) });
  expect(listed(again.shelf).sort()).toEqual([
    [0, true],
    [1, false],
    [2, false],
  ]);
  expect(disk.readFile(await again.shelf.ensure(A, 'cold', signal))).toEqual(bytesOf(A));
  expect(transfer.fetched).toHaveLength(3);
  expect(disk.readFile(await again.shelf.ensure(B, 'cold', signal))).toEqual(bytesOf(B));
  expect(transfer.fetched).toHaveLength(4);
  expect(damaged).toEqual([[B, 'cold']]);
  expect(disk.list(`${DIRECTORY}/damaged`)).toHaveLength(1);
  again.shelf.setAside(A.idText);
  expect(damaged[1]).toEqual([A, 'assigned']);
  expect(listed(again.shelf)).toHaveLength(2);
  expect(again.shelf.sizes).toMatchObject({ usedBytes: 2000, assignedBytes: 0 });
});

test('a full disk is told, and over when there is room', async () => {
  const { disk, transfer, shelf } = fixture();
  const full = new UnavailableError('cannot write: the disk is full', { code: 'ENOSPC' });
  disk.setFaults(({ kind }) => (kind === 'write' ? { error: full } : null));
  await expect(shelf.ensure(A, 'assigned', signal)).rejects.toThrow('the disk is full');
  expect(shelf.sizes).toMatchObject({ usedBytes: 0, assignedBytes: 0, loadingCount: 0 });
  disk.setFaults(null);
  await shelf.ensure(A, 'assigned', signal);
  expect(listed(shelf)).toEqual([[0, true]]);
  expect(transfer.fetched).toHaveLength(2);
});

test('any call on the disk may fail once', async () => {
  const count = await scriptOn(new VirtualDisk());
  for (let index = 0; index < count; index++) {
    const disk = new VirtualDisk({ faults: failOperation(index) });
    await scriptOn(disk);
    expect(new ShelfFiles(disk, DIRECTORY).open()).toHaveLength(3);
  }
});

/** Repeats each step until it is done; in the end there are the same three. */
async function scriptOn(disk: VirtualDisk): Promise<number> {
  const transfer = new TestTransfer(disk, SEGMENTS);
  let shelf: SegmentShelf | null = null;
  const steps = [
    async () => {
      shelf ??= openShelf(disk, transfer, { maxBytes: 3200 }).shelf;
    },
    () => shelf!.ensure(A, 'assigned', signal),
    () => shelf!.ensure(B, 'cold', signal),
    () => shelf!.ensure(C, 'cold', signal),
    () => shelf!.ensure(SEGMENTS[3]!, 'cold', signal),
    () => shelf!.drop(SEGMENTS[3]!.idText),
    () => shelf!.ensure(SEGMENTS[4]!, 'cold', signal),
  ];
  for (const step of steps) {
    await step().catch(async (error: unknown) => {
      expect(error).toBeInstanceOf(UnavailableError);
      await step();
    });
    const { usedBytes = 0 } = (shelf as SegmentShelf | null)?.sizes ?? {};
    expect(usedBytes).toBeLessThanOrEqual(3200);
  }
  expect(listed(shelf!).sort()).toEqual([
    [0, true],
    [2, false],
    [4, false],
  ]);
  return disk.operationCount;
}

type Step =
  | { readonly kind: 'take'; readonly day: number; readonly as: 'cold' | 'assigned' }
  | { readonly kind: 'release' | 'drop' | 'setAside' | 'leave' | 'fail'; readonly day: number }
  | { readonly kind: 'turn' };

const day = fc.nat(SEGMENTS.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('take' as const),
      day,
      as: fc.constantFrom('cold', 'assigned'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('release', 'drop', 'setAside', 'leave', 'fail'),
      day,
    }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: 'turn' as const }) },
);

test('whatever is asked, dropped, damaged and given up: held files are whole, the budget holds, changes tell what is served', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { disk, transfer, shelf, told } = fixture({ maxBytes: 4300, coldBytes: 1300 });
      const failing = new Set<string>();
      transfer.onFetch = async (key) => {
        if (failing.delete(key)) throw new UnavailableError('away');
      };
      const held: { day: number; isDamaged: boolean; path: string; release(): void }[] = [];
      const ending: { day: number; controller: AbortController }[] = [];
      const tasks: Promise<unknown>[] = [];
      const check = (): void => {
        const { usedBytes, assignedBytes, maxAssignedBytes } = shelf.sizes;
        expect(usedBytes).toBeLessThanOrEqual(4300);
        expect(assignedBytes).toBeLessThanOrEqual(maxAssignedBytes);
        expect([...told].sort()).toEqual(
          [...shelf.segments()]
            .map(({ segment, isAssigned }) => [segment.idText, isAssigned])
            .sort(),
        );
        for (const { path, day, isDamaged } of held) {
          if (!isDamaged) expect(disk.readFile(path)).toEqual(bytesOf(SEGMENTS[day]!));
        }
        for (const running of transfer.running.values()) expect(running).toBeLessThanOrEqual(1);
      };
      for (const each of steps) {
        if (each.kind === 'turn') await setImmediate();
        else if (each.kind === 'take') {
          const controller = new AbortController();
          ending.push({ day: each.day, controller });
          const taken = shelf.take(SEGMENTS[each.day]!, each.as, controller.signal);
          tasks.push(
            taken.then(
              (segment) => held.push({ day: each.day, isDamaged: false, ...segment }),
              (error) => {
                const isTyped =
                  error instanceof UnavailableError || error instanceof ShelfFullError;
                if (!isTyped && error.message !== 'left') throw error;
              },
            ),
          );
        } else if (each.kind === 'drop') tasks.push(shelf.drop(SEGMENTS[each.day]!.idText));
        else if (each.kind === 'fail') failing.add(SEGMENTS[each.day]!.sealed.deep!.key);
        else if (each.kind === 'leave') {
          for (const { day, controller } of ending)
            if (day === each.day) controller.abort(new Error('left'));
        } else if (each.kind === 'setAside') {
          for (const one of held) if (one.day === each.day) one.isDamaged = true;
          shelf.setAside(SEGMENTS[each.day]!.idText);
        } else {
          const at = held.findIndex(({ day }) => day === each.day);
          if (at >= 0) held.splice(at, 1)[0]!.release();
        }
        check();
      }
      for (const { controller } of ending) controller.abort(new Error('left'));
      for (let turn = 0; turn < 20; turn++) {
        for (const { release } of held.splice(0)) release();
        await setImmediate();
      }
      await Promise.all(tasks);
      await shelf.close();
      check();
      const kept = [...shelf.segments()];
      expect(shelf.sizes.usedBytes).toBe(1000 * kept.length);
      expect(new ShelfFiles(disk, DIRECTORY).open()).toHaveLength(kept.length);
    }),
    { numRuns: draws(200) },
  );
});
