import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ResourceLimitError,
  sha256Hex,
  silentLogger,
  UnavailableError,
  VirtualDisk,
} from '../../core/index.js';
import { draws } from '../../core/testing.js';
import { bytesOf, segmentOfDay, TestTransfer } from '../historical/shelf-fixture-testing.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import { TableFiles } from './table-files.js';

const SEGMENTS = Array.from({ length: 8 }, (_, day) => segmentOfDay(day, 100 + 50 * day));

const noDirectory = () => Promise.reject(new Error('no directory is read here'));

function openFiles(maxBytes: number) {
  const disk = new VirtualDisk();
  const fetching = new TestTransfer(disk, SEGMENTS);
  const { fetch, isWhole } = fetching;
  const transfer = { fetch, isWhole, directory: noDirectory };
  const options = { disk, directory: '/read', transfer, logger: silentLogger, maxBytes };
  return { disk, fetching, files: new TableFiles(options) };
}

const isWhole = (disk: VirtualDisk, path: string, segment: StoredSegment): boolean =>
  sha256Hex(disk.readFile(path)) === sha256Hex(bytesOf(segment));

const { signal } = new AbortController();

const anyReader = fc.record({
  days: fc.uniqueArray(fc.nat(SEGMENTS.length - 1), { minLength: 1, maxLength: 5 }),
  /** Turns that it reads for. */
  turns: fc.nat(6),
  /** In which of its turns it is given up. */
  givenUpAfter: fc.option(fc.nat(12), { nil: null }),
});

test('readers of any files, however little room there is, come to their end with all of theirs', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyReader, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1000, max: 3000 }),
      fc.integer({ min: 0, max: 5 }),
      async (readers, maxBytes, failEvery) => {
        const { disk, fetching, files } = openFiles(maxBytes);
        let fetches = 0;
        fetching.onFetch = async () => {
          expect(files.usedBytes).toBeLessThanOrEqual(maxBytes);
          if (failEvery > 0 && ++fetches % (failEvery + 3) === 0)
            throw new UnavailableError('gone');
        };
        const read = async ({ days, turns, givenUpAfter }: (typeof readers)[number]) => {
          const wanted = days.map((day) => SEGMENTS[day]!);
          const ending = new AbortController();
          if (givenUpAfter !== null) void after(givenUpAfter).then(() => ending.abort());
          let held: Awaited<ReturnType<TableFiles['hold']>>;
          try {
            held = await files.hold(wanted, ending.signal);
          } catch (error) {
            const isExpected =
              ending.signal.aborted ||
              error instanceof ResourceLimitError ||
              error instanceof UnavailableError;
            expect(isExpected).toBe(true);
            return;
          }
          for (let turn = 0; turn <= turns; turn++) {
            expect(files.heldBytes).toBeLessThanOrEqual(maxBytes);
            for (const each of wanted) expect(isWhole(disk, held.pathOf(each), each)).toBe(true);
            await setImmediate();
          }
          held.release();
          held.release();
        };
        await Promise.all(readers.map(read));
        expect(files.heldBytes).toBe(0);
        // Nothing is left that holds room: whatever fits at all can be had.
        fetching.onFetch = async () => undefined;
        for (const each of SEGMENTS) (await files.hold([each], signal)).release();
        expect(files.usedBytes).toBeLessThanOrEqual(maxBytes);
        await files.close();
      },
    ),
    { numRuns: draws(50) },
  );
});

async function after(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await setImmediate();
}

test('a file that is held stays while others come and go; released ones leave for them', async () => {
  const { disk, files, fetching } = openFiles(1000);
  const [first, ...others] = SEGMENTS as [StoredSegment, ...StoredSegment[]];
  const held = await files.hold([first], signal);
  for (const each of others) (await files.hold([each], signal)).release();
  expect(isWhole(disk, held.pathOf(first), first)).toBe(true);
  expect(fetching.fetched.filter((key) => key === 'segments/t/0')).toHaveLength(1);
  held.release();
  for (const each of others) (await files.hold([each], signal)).release();
  expect(disk.stat(held.pathOf(first))).toBeNull();
  await files.close();
});

test('what can never fit is refused with the setting to change', async () => {
  const { files, fetching } = openFiles(500);
  await expect(files.hold(SEGMENTS, signal)).rejects.toThrow(/cluster\.readBytes allows 500/);
  expect(fetching.fetched).toEqual([]);
  expect(files.heldBytes).toBe(0);
});

test('one file by what the metadata say of it, as it came over a wire', async () => {
  const { disk, files } = openFiles(1000);
  const segment = SEGMENTS[2]!;
  const { path, release } = await files.fetch(structuredClone(segment), signal);
  expect(isWhole(disk, path, segment)).toBe(true);
  release();
  expect(files.heldBytes).toBe(0);
  await expect(files.fetch({ idText: 'x' }, signal)).rejects.toThrow('a segment');
});
