import { expect, test } from 'vitest';
import { CorruptSegmentError, VirtualDisk } from '../../core/index.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import { sealSegments } from '../seal/seal-segments.js';
import { rowsOf, schemaOf, testPool } from '../testing.js';
import { packSegment } from './pack.js';
import { readPackedTail } from './packed-tail.js';

/** The packed form of a segment of some columns, and its file's own directory. */
function packed() {
  const disk = new VirtualDisk();
  const dimensions = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`column${i}`, 'STRING'] as const),
  );
  const schema = schemaOf(dimensions);
  const segment = new MutableSegment(schema, testPool());
  const rows = Array.from({ length: 200 }, (_, i) => ({
    __time: i,
    ...Object.fromEntries(Object.keys(dimensions).map((name, k) => [name, `${(i * k) % 11}`])),
  }));
  segment.append(rowsOf(rows, { __time: 'LONG', ...dimensions }));
  const options = { maxRowsPerSegment: 1000 };
  const [sealed] = sealSegments(disk, '/', () => 's', [segment.snapshot()], schema, options);
  segment.close();
  packSegment(disk, sealed!.path, '/packed');
  const directory = readSegmentDirectory(disk, sealed!.path);
  return { bytes: disk.readFile('/packed'), directory, sha256: sealed!.sha256 };
}

test('the end of a packed file says what its segment is, however few bytes are there at first', () => {
  const { bytes, directory, sha256 } = packed();
  const factsOf = (length: number) =>
    readPackedTail(bytes.length, bytes.subarray(bytes.length - length), 'key');
  let least = Number.POSITIVE_INFINITY;
  for (let length = 0; length <= bytes.length; length += 3) {
    const facts = factsOf(length);
    if (typeof facts === 'number') {
      expect(facts).toBeGreaterThan(length);
      expect(facts).toBeLessThanOrEqual(bytes.length);
      expect(length).toBeLessThan(least);
    } else {
      least = Math.min(least, length);
      expect(facts.directory).toEqual(directory);
      expect(facts.segment.sha256).toBe(sha256);
    }
  }
  expect(least).toBeLessThan(bytes.length);
  let steps = 0;
  for (let length = 0; typeof factsOf(length) === 'number'; steps++) {
    length = factsOf(length) as number;
  }
  expect(steps).toBeLessThanOrEqual(4);
});

test('damage in the end is found', () => {
  const { bytes, directory } = packed();
  const facts = readPackedTail(bytes.length, bytes, 'key');
  expect(typeof facts).toBe('object');
  let found = 0;
  for (let at = bytes.length - 400; at < bytes.length; at++) {
    const wrong = bytes.slice();
    wrong[at]! ^= 4;
    try {
      // Whoever reads it compares the SHA-256 that it tells.
      expect(readPackedTail(bytes.length, wrong, 'key')).toMatchObject({ directory });
    } catch (error) {
      expect(error).toBeInstanceOf(CorruptSegmentError);
      found++;
    }
  }
  expect(found).toBe(400);
});
