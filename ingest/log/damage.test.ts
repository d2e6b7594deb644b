import { expect, test } from 'vitest';
import {
  CorruptLogError,
  crc32c,
  SeededRandom,
  utf8Encode,
  VirtualDisk,
} from '../../core/index.js';
import { FIXED_HEADER_BYTES } from './file-header.js';
import { PushLog } from './push-log.js';
import { RECORD_HEAD_BYTES } from './record.js';
import { DIRECTORY } from './testing.js';

/**
 * Bytes that changed while nobody looked. The promise: whatever is found is what was written, in
 * order and from the start on; and what is missing at the end was never proven to have been synced,
 * by a later record, a later file or the metadata. Everything else is a CorruptLogError.
 */
interface Content {
  readonly checkpoint: string | null;
  readonly records: readonly string[];
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

function read(disk: VirtualDisk, syncedTo = 0): Content {
  const opened = openLog(disk, 1, syncedTo);
  const records = [...opened.records].map(
    ({ position, payload }) => `${position} ${text(payload)}`,
  );
  return { checkpoint: opened.checkpoint && text(opened.checkpoint), records };
}

function openLog(disk: VirtualDisk, seed: number, syncedTo = 0) {
  return PushLog.open({ disk, directory: DIRECTORY, random: new SeededRandom(seed), syncedTo });
}

/** Two files, synced record by record: [0, 1, 2] and [3, 4, 5]. */
function makeLog(seed = 1): VirtualDisk {
  const disk = new VirtualDisk();
  const { log } = openLog(disk, seed);
  for (let i = 0; i < 6; i++) {
    if (i % 3 === 0) log.roll(utf8Encode(`state at ${log.end}`));
    log.append([utf8Encode(`payload ${i}`.repeat(i))], true);
  }
  return disk;
}

const LAST_RECORD_BYTES = RECORD_HEAD_BYTES + 5 * 'payload 5'.length;
const FIRST = `${DIRECTORY}/0000000000000001.log`;
const LAST = `${DIRECTORY}/0000000000000002.log`;

function withFile(disk: VirtualDisk, path: string, bytes: Uint8Array): VirtualDisk {
  const copy = disk.crash('everything', new SeededRandom(1));
  copy.create(path).write(bytes);
  return copy;
}

/** What is read, or null when the damage was noticed. Anything but a CorruptLogError is thrown. */
function readDamaged(disk: VirtualDisk, syncedTo = 0): Content | null {
  try {
    return read(disk, syncedTo);
  } catch (error) {
    if (error instanceof CorruptLogError) return null;
    throw error;
  }
}

test('every bit: noticed, but in the last record, of which nothing says that it was synced', () => {
  const disk = makeLog();
  const whole = read(disk);
  const { end } = openLog(disk, 1).log;
  expect(whole.records).toHaveLength(6);
  for (const path of [FIRST, LAST]) {
    const bytes = disk.readFile(path);
    const lastRecord = bytes.length - LAST_RECORD_BYTES;
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const damaged = withFile(disk, path, flipped);
      const found = readDamaged(damaged);
      if (path === LAST && bit >> 3 >= lastRecord) {
        expect(found).toEqual({ ...whole, records: whole.records.slice(0, 5) });
        // The metadata may know better.
        expect(readDamaged(damaged, end)).toBeNull();
      } else expect(found, `${path} bit ${bit}`).toBeNull();
    }
  }
});

test('every bit, once a file begun behind it says that all was synced', () => {
  const disk = makeLog();
  openLog(disk, 1).log.roll(utf8Encode('end'));
  for (const name of disk.list(DIRECTORY)) {
    const path = `${DIRECTORY}/${name}`;
    const bytes = disk.readFile(path);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(readDamaged(withFile(disk, path, flipped)), `${path} bit ${bit}`).toBeNull();
    }
  }
});

test('a file cut at any length: noticed, or whole records of the last file are missing', () => {
  const disk = makeLog();
  const whole = read(disk);
  const first = disk.readFile(FIRST);
  for (let length = 0; length < first.length; length++) {
    expect(readDamaged(withFile(disk, FIRST, first.subarray(0, length)))).toBeNull();
  }
  const last = disk.readFile(LAST);
  const bodyOffset = FIXED_HEADER_BYTES + new DataView(last.buffer).getUint32(12, true);
  const { end } = openLog(disk, 1).log;
  for (let length = 0; length < last.length; length++) {
    const damaged = withFile(disk, LAST, last.subarray(0, length));
    const found = readDamaged(damaged);
    if (length < bodyOffset) expect(found).toBeNull();
    else {
      expect(found!.records).toEqual(whole.records.slice(0, found!.records.length));
      expect(found!.records.length).toBeGreaterThanOrEqual(3);
    }
    expect(readDamaged(damaged, end)).toBeNull();
  }
});

test('runs of zeros and of noise anywhere never pass for records', () => {
  const disk = makeLog();
  const whole = read(disk);
  const random = new SeededRandom(5);
  for (let round = 0; round < 2000; round++) {
    const path = round % 2 === 0 ? FIRST : LAST;
    const bytes = disk.readFile(path);
    const from = random.nextUint32() % bytes.length;
    const to = from + (random.nextUint32() % 60);
    for (let i = from; i < Math.min(to, bytes.length); i++) {
      bytes[i] = round % 3 === 0 ? 0 : random.nextUint32();
    }
    const found = readDamaged(withFile(disk, path, bytes));
    if (found === null || Buffer.compare(bytes, disk.readFile(path)) === 0) continue;
    // What says that the records before it were synced was hit as well.
    expect(path === LAST && to > bytes.length - LAST_RECORD_BYTES).toBe(true);
    expect(found.checkpoint).toBe(whole.checkpoint);
    expect(found.records).toEqual(whole.records.slice(0, found.records.length));
    expect(found.records.length).toBeGreaterThanOrEqual(3);
  }
});

test('a length that lies, with a checksum that fits, is no way out of the file', () => {
  const disk = makeLog();
  for (const length of [0, 1, 2 ** 31, 2 ** 32 - 1]) {
    const bytes = disk.readFile(LAST);
    const view = new DataView(bytes.buffer);
    view.setUint32(12, length, true);
    view.setUint32(60, crc32c(bytes.subarray(0, 60)), true);
    expect(() => read(withFile(disk, LAST, bytes))).toThrow(/its checkpoint does not match/);
  }
});

test('files in each other’s place, missing, doubled, or of another log', () => {
  const disk = makeLog();
  openLog(disk, 1).log.roll(utf8Encode('end'));
  const other = makeLog(2);
  const [first, last] = [disk.readFile(FIRST), disk.readFile(LAST)];
  const swapped = withFile(withFile(disk, FIRST, last), LAST, first);
  expect(() => read(swapped)).toThrow(/file 2 under another name/);
  expect(() => read(withFile(disk, LAST, first))).toThrow(/file 1 under another name/);
  expect(() => read(withFile(disk, LAST, other.readFile(LAST)))).toThrow(/another log/);
  const hole = disk.crash('everything', new SeededRandom(1));
  hole.remove(LAST);
  expect(() => read(hole)).toThrow(/the file before it is missing/);
});

test('a file that starts inside a record of the one before', () => {
  const disk = new VirtualDisk();
  const { log } = openLog(disk, 1);
  log.roll(utf8Encode('empty'));
  log.append([utf8Encode('one')], true);
  log.roll(utf8Encode('one'));
  const bytes = disk.readFile(LAST);
  const view = new DataView(bytes.buffer);
  view.setUint32(40, log.end - 1, true);
  view.setUint32(60, crc32c(bytes.subarray(0, 60)), true);
  expect(() => read(withFile(disk, LAST, bytes))).toThrow(/no record, though they go on to 22/);
});

test('an older version of a file, and of the whole log', () => {
  const disk = new VirtualDisk();
  const { log } = openLog(disk, 1);
  log.roll(utf8Encode('empty'));
  log.append([utf8Encode('one')], true);
  const older = disk.readFile(FIRST);
  log.append([utf8Encode('two')], true);
  log.roll(utf8Encode('two'));
  log.append([utf8Encode('three')], true);
  expect(() => read(withFile(disk, FIRST, older))).toThrow(/no record, though they go on to/);
  // Only the metadata can know that there was more.
  const lost = disk.crash('everything', new SeededRandom(1));
  lost.remove(LAST);
  expect(read(lost).records).toHaveLength(2);
  expect(() => read(lost, log.end)).toThrow(/ends at position 46, though 71 had been on disk/);
  expect(() => read(new VirtualDisk(), 1)).toThrow(/ends at position 0, though 1 had been/);
});

test('records count in no other file, though the log and the place are the same', () => {
  const started = new VirtualDisk();
  const { log } = openLog(started, 1);
  log.roll(utf8Encode('empty'));
  log.append([utf8Encode('first')], true);
  const [one, two] = ['one', 'two'].map((payload, i) => {
    const disk = started.crash('everything', new SeededRandom(1));
    const next = openLog(disk, 2 + i).log;
    next.roll(utf8Encode('state'));
    next.append([utf8Encode(payload)], true);
    return disk;
  }) as [VirtualDisk, VirtualDisk];
  const [a, b] = [one.readFile(LAST), two.readFile(LAST)];
  expect(a.length).toBe(b.length);
  const bodyOffset = FIXED_HEADER_BYTES + 'state'.length;
  const mixed = withFile(
    one,
    LAST,
    Buffer.concat([a.subarray(0, bodyOffset), b.subarray(bodyOffset)]),
  );
  expect(read(mixed).records).toEqual(['0 first']);
  expect(read(two).records).toEqual(['0 first', '25 two']);
});

test('records count at no other place of their file', () => {
  const disk = new VirtualDisk();
  const { log } = openLog(disk, 1);
  log.roll(utf8Encode(''));
  for (const payload of ['one', 'two']) log.append([utf8Encode(payload)], false);
  const bytes = disk.readFile(FIRST);
  const [first, second] = [64, 64 + RECORD_HEAD_BYTES + 3];
  const repeated = Buffer.concat([bytes, bytes.subarray(first)]);
  expect(read(withFile(disk, FIRST, repeated)).records).toEqual(['0 one', '23 two']);
  const exchanged = Buffer.concat([
    bytes.subarray(0, first),
    bytes.subarray(second),
    bytes.subarray(first, second),
  ]);
  expect(read(withFile(disk, FIRST, exchanged)).records).toEqual([]);
});
