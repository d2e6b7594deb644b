import { expect, test } from 'vitest';
import { CorruptSegmentError, RealDisk } from '../../core/index.js';
import { verifyPacked } from '../packed/unpack.js';
import { assemblePacked, dissectPacked } from './anatomy-testing.js';
import { diskWith } from './read-all-testing.js';
import { goldenPath } from './sample-testing.js';

interface Directory {
  readonly segment: Record<string, number>;
  readonly blocks: (number | null)[];
}

/** What the fuzz has found once, and was no typed error then. */
test.each<[string, (directory: Directory) => void]>([
  ['a version that there is not', ({ segment }) => Object.assign(segment, { formatVersion: 3 })],
  ['a directory of 2 GiB', ({ segment }) => Object.assign(segment, { directoryLength: 2 ** 31 })],
  [
    'a directory longer than its pages',
    ({ segment }) => Object.assign(segment, { directoryLength: 2 ** 27 }),
  ],
  ['texts without their offsets', ({ blocks }) => blocks.fill(null, 2, 3)],
])('a packed file with %s is damaged', (_, change) => {
  const file = new RealDisk().readFile(goldenPath('packed-v1-brotli.varvepack'));
  const anatomy = dissectPacked(file);
  change(anatomy.directory as unknown as Directory);
  const bytes = assemblePacked(anatomy);
  expect(() => verifyPacked(diskWith(bytes), '/packed')).toThrow(CorruptSegmentError);
});
