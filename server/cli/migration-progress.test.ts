import { expect, test } from 'vitest';
import { bytesText, durationText, MigrationProgress } from './migration-progress.js';

test('tells how far it is, and how long the rest takes at the pace of this run', () => {
  const progress = new MigrationProgress({ segments: 1200, bytes: 3e9 }, 5000);
  expect(progress.copied(1e9, false, 5001)).toBeNull();
  expect(progress.copied(5e8, true, 9999)).toBeNull();
  expect(progress.copied(5e8, true, 15_000)).toBe(
    '3 of 1,200 segments, 2.0 GB of 3.0 GB, 100.0 MB/s, 10 s left',
  );
  expect(progress.copied(1e9, true, 15_001)).toBeNull();
  expect(progress.line(25_000)).toBe('4 of 1,200 segments, 3.0 GB of 3.0 GB, 100.0 MB/s, 0 s left');
});

test('what was copied before says nothing of the pace', () => {
  const progress = new MigrationProgress({ segments: 2, bytes: 20 }, 0);
  expect(progress.copied(10, false, 9000)).toBe('1 of 2 segments, 10 B of 20 B, 0 B/s');
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [999_949, '999.9 kB'],
  [999_951, '1.0 MB'],
  [1.25e13, '12.5 TB'],
])('bytesText(%d)', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [1, '1 s'],
  [59_000, '59 s'],
  [200_000, '3 min 20 s'],
  [7_260_000, '2 h 1 min'],
])('durationText(%d)', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
