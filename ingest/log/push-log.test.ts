import { describe, expect, onTestFinished, test } from 'vitest';
import {
  crc32c,
  failOperation,
  InternalError,
  RealDisk,
  SeededRandom,
  UnavailableError,
  utf8Decode,
  utf8Encode,
  VirtualDisk,
  type WriteFile,
} from '../../core/index.js';
import { temporaryDirectory } from '../../core/testing.js';
import { PushLog, type PushLogOptions } from './push-log.js';
import { DIRECTORY } from './testing.js';

function openLog(disk: VirtualDisk, options: Partial<PushLogOptions> = {}) {
  const opened = PushLog.open({
    disk,
    directory: DIRECTORY,
    random: new SeededRandom(1),
    ...options,
  });
  return { ...opened, texts: () => [...opened.records].map(({ payload }) => utf8Decode(payload)) };
}

const bytes = (...texts: string[]) => texts.map((text) => utf8Encode(text));
const state = (text: string) => utf8Encode(text);

function newLog(disk: VirtualDisk, options: Partial<PushLogOptions> = {}): PushLog {
  const { log } = openLog(disk, options);
  log.roll(state(''));
  return log;
}

test('a new log is empty, changes nothing on disk before its first roll, and has an id of its own', () => {
  const disk = new VirtualDisk();
  const { log, checkpoint, texts, discardedBytes } = openLog(disk);
  expect([log.start, log.end, log.sizeBytes, checkpoint, discardedBytes]).toEqual([
    0,
    0,
    0,
    null,
    0,
  ]);
  expect(texts()).toEqual([]);
  expect(log.id).toMatch(/^[0-9a-f]{32}$/);
  expect(openLog(disk, { random: new SeededRandom(2) }).log.id).not.toBe(log.id);
  expect(disk.list('/')).toEqual([]);
  log.roll(state('nothing'));
  const again = openLog(disk, { random: new SeededRandom(2) });
  expect(again.log.id).toBe(log.id);
  expect(utf8Decode(again.checkpoint!)).toBe('nothing');
});

test('what was appended is read in order, at the positions that were told', () => {
  const disk = new VirtualDisk();
  const log = newLog(disk);
  const ranges = [...log.append(bytes('a', ''), false), ...log.append(bytes('bcd'), true)];
  expect(ranges).toEqual([
    { position: 0, end: 21 },
    { position: 21, end: 41 },
    { position: 41, end: 64 },
  ]);
  expect(log.end).toBe(64);
  const { records } = openLog(disk);
  expect(
    [...records].map(({ position, end, payload }) => [position, end, utf8Decode(payload)]),
  ).toEqual([
    [0, 21, 'a'],
    [21, 41, ''],
    [41, 64, 'bcd'],
  ]);
});

test('a group is one write, and one sync when it must be durable', () => {
  const disk = new VirtualDisk();
  const log = newLog(disk);
  const before = disk.operationCount;
  log.append(bytes('a', 'b', 'c'), false);
  expect(disk.operationCount - before).toBe(1);
  log.append(bytes('d', 'e'), true);
  expect(disk.operationCount - before).toBe(3);
  log.sync();
  expect(disk.operationCount - before).toBe(3);
});

test('a file that is full wants a roll; the checkpoint of the oldest file is found', () => {
  const disk = new VirtualDisk();
  const log = newLog(disk, { fileBytes: 100 });
  log.append(bytes('x'.repeat(79)), true);
  expect(log.wantsRoll).toBe(false);
  log.append(bytes('y'), true);
  expect(log.wantsRoll).toBe(true);
  log.roll(state('xy'));
  log.append(bytes('z'), true);
  expect(openLog(disk).texts()).toEqual(['x'.repeat(79), 'y', 'z']);
  const sizeBytes = log.sizeBytes;
  log.trim(119);
  expect(log.start).toBe(0);
  log.trim(120);
  expect(log.start).toBe(120);
  log.trim(1000);
  expect(log.start).toBe(120);
  expect(sizeBytes - log.sizeBytes).toBe(64 + 120);
  const { checkpoint, texts } = openLog(disk);
  expect(utf8Decode(checkpoint!)).toBe('xy');
  expect(texts()).toEqual(['z']);
});

test('a torn tail is left out, told, and gone after the next roll', () => {
  const disk = new VirtualDisk();
  newLog(disk).append(bytes('kept'), true);
  const file = disk.openAppend(`${DIRECTORY}/0000000000000001.log`);
  file.write(new Uint8Array(30).fill(9));
  const { log, discardedBytes, texts } = openLog(disk);
  expect(discardedBytes).toBe(30);
  expect(texts()).toEqual(['kept']);
  log.sync();
  expect(openLog(disk).discardedBytes).toBe(0);
  log.roll(state('1'));
  log.append(bytes('more'), true);
  const again = openLog(disk);
  expect(again.discardedBytes).toBe(0);
  expect(again.texts()).toEqual(['kept', 'more']);
});

describe('a write that fails', () => {
  test('takes nothing of its group, and what it left never counts', () => {
    const disk = new VirtualDisk();
    const log = newLog(disk);
    log.append(bytes('one'), false);
    const error = new UnavailableError('the disk is full');
    // The first record of the group is stored whole.
    disk.setFaults(({ kind }) => (kind === 'write' ? { error, writtenBytes: 25 } : null));
    expect(() => log.append(bytes('two', 'three'), true)).toThrow(error);
    expect([log.end, log.wantsRoll]).toEqual([23, true]);
    expect(() => log.append(bytes('two'), true)).toThrow(InternalError);
    expect(() => log.roll(state('one'))).toThrow(error);
    disk.setFaults(null);
    log.roll(state('one'));
    expect(log.append(bytes('four'), true)).toEqual([{ position: 23, end: 47 }]);
    expect(openLog(disk).texts()).toEqual(['one', 'four']);
    expect(openLog(disk.crash('synced-only', new SeededRandom(1))).texts()).toEqual([
      'one',
      'four',
    ]);
  });

  test('to a roll leaves the old file closed: the new one may exist', () => {
    const disk = new VirtualDisk();
    const log = newLog(disk);
    // Listing, two syncs of directories …: the last call of a roll opens the file that was made.
    const probe = new VirtualDisk();
    const other = newLog(probe);
    const before = probe.operationCount;
    other.roll(state('2'));
    disk.setFaults(failOperation(disk.operationCount + probe.operationCount - before - 1));
    expect(() => log.roll(state('2'))).toThrow(/injected/);
    expect(log.wantsRoll).toBe(true);
    expect(() => log.append(bytes('lost'), true)).toThrow(InternalError);
    log.roll(state('2'));
    log.append(bytes('kept'), true);
    expect(openLog(disk).texts()).toEqual(['kept']);
  });
});

test('after a failed sync the log refuses everything, and the next process trusts no sync either', () => {
  const fatal: Error[] = [];
  const disk = new VirtualDisk({ onFatal: (error) => fatal.push(error) });
  const log = newLog(disk);
  log.append(bytes('synced'), true);
  disk.setFaults(({ kind }) => (kind === 'sync' ? { error: new UnavailableError('bad') } : null));
  expect(() => log.append(bytes('shown'), true)).toThrow(UnavailableError);
  expect(fatal).toHaveLength(1);
  for (const use of [
    () => log.append(bytes('x'), false),
    () => log.sync(),
    () => log.roll(state('x')),
    () => log.trim(0),
  ]) {
    expect(use).toThrow(InternalError);
  }
  disk.setFaults(null);
  // The system still shows the bytes that the disk never took.
  const next = openLog(disk);
  expect(next.texts()).toEqual(['synced', 'shown']);
  next.log.sync();
  const found = disk.crash('synced-only', new SeededRandom(1));
  expect(openLog(found, { syncedTo: next.log.end }).texts()).toEqual(['synced', 'shown']);
});

test('a roll gives the handle of the old file back', () => {
  const open: string[] = [];
  class Watched extends VirtualDisk {
    override openAppend(path: string): WriteFile {
      const file = super.openAppend(path);
      open.push(path);
      return { ...file, close: () => open.splice(open.indexOf(path), 1) };
    }
  }
  const log = newLog(new Watched());
  log.roll(state('2'));
  log.roll(state('3'));
  expect(open).toEqual([`${DIRECTORY}/0000000000000003.log`]);
  log.close();
  expect(open).toEqual([]);
});

test('a log that was closed refuses use', () => {
  const log = newLog(new VirtualDisk());
  log.close();
  expect(() => log.append(bytes('x'), true)).toThrow(InternalError);
});

test('other files in the directory are left alone, unfinished ones of ours removed', () => {
  const disk = new VirtualDisk();
  newLog(disk);
  disk.create(`${DIRECTORY}/notes.txt`);
  disk.create(`${DIRECTORY}/0000000000000007.log.tmp`);
  openLog(disk).log.roll(state(''));
  expect(disk.list(DIRECTORY)).toEqual([
    '0000000000000001.log',
    '0000000000000002.log',
    'notes.txt',
  ]);
});

test('recovery holds one file in memory at a time', () => {
  const disk = new VirtualDisk();
  const log = newLog(disk);
  for (const text of ['a', 'b', 'c']) {
    log.append(bytes(text), true);
    log.roll(state(text));
  }
  const opened: string[] = [];
  const { records } = openLog(disk);
  disk.setFaults(({ kind, path }) => {
    if (kind === 'openRead') opened.push(path.at(-5)!);
    return null;
  });
  const seen: string[] = [];
  for (const { payload } of records) seen.push(`${utf8Decode(payload)}:${opened.length}`);
  expect(seen).toEqual(['a:1', 'b:2', 'c:3']);
});

test('a real disk keeps it too', () => {
  const directory = `${temporaryDirectory('log', onTestFinished)}/a/log`;
  const options = { disk: new RealDisk(), directory, random: new SeededRandom(1), fileBytes: 1000 };
  const { log } = PushLog.open(options);
  for (let i = 0; i < 50; i++) {
    if (log.wantsRoll) log.roll(state(`state ${i}`));
    log.append(bytes(`row ${i}`, 'x'.repeat(i)), i % 3 === 0);
  }
  log.trim(1500);
  log.close();
  const again = PushLog.open(options);
  const found = [...again.records].map(({ payload }) => utf8Decode(payload));
  expect(again.log.start).toBeGreaterThan(0);
  expect(again.log.end).toBe(log.end);
  expect(found.slice(-2)).toEqual(['row 49', 'x'.repeat(49)]);
  again.log.roll(state('50'));
  again.log.append(bytes('after'), true);
  expect([...PushLog.open(options).records]).toHaveLength(found.length + 1);
});

test('golden bytes of version 1', () => {
  const disk = new VirtualDisk();
  const log = newLog(disk);
  log.append(bytes('hello'), true);
  log.append(bytes('x'), true);
  const file = disk.readFile(`${DIRECTORY}/0000000000000001.log`);
  expect(Buffer.from(file).toString('hex')).toMatchInlineSnapshot(
    `"56415256454c4f4701000000000000009190299ec1017b27e3af522f7d71fb0501000000000000000000000000000000787816c2fbbe0c0000000000796deab90000000000000000050000004cbb719a78aa409c68656c6c6f190000000000000001000000935f3ca9cc4f33ff78"`,
  );
});

test('a file of a later version says so', () => {
  const disk = new VirtualDisk();
  newLog(disk);
  const path = `${DIRECTORY}/0000000000000001.log`;
  const file = disk.readFile(path);
  const view = new DataView(file.buffer);
  view.setUint32(8, 2, true);
  view.setUint32(60, crc32c(file.subarray(0, 60)), true);
  disk.create(path).write(file);
  expect(() => openLog(disk)).toThrow(/byte 8: want format version 1/);
});
