import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CorruptLogError,
  failOperation,
  SeededRandom,
  UnavailableError,
  utf8Decode,
  utf8Encode,
  VirtualDisk,
} from '../../core/index.js';
import { watchCrashes } from '../../core/testing.js';
import { type LogPiece, logIdIn, PushLog, type PushLogOptions } from './push-log.js';
import {
  CRASH_TIMEOUT_MS,
  DIRECTORY,
  LogLedger,
  LogUser,
  runInTrouble,
  runs,
  type Step,
  steps,
} from './testing.js';

const ID = '0123456789abcdef0123456789abcdef';
const FIRST = { id: ID, position: 5000 };

function openLog(disk: VirtualDisk, options: Partial<PushLogOptions> = {}) {
  const random = new SeededRandom(1);
  return PushLog.open({ disk, directory: DIRECTORY, random, ...options });
}

const bytes = (...texts: string[]) => texts.map((text) => utf8Encode(text));

/** A log that began with a roll. */
function newLog(disk = new VirtualDisk(), options: Partial<PushLogOptions> = {}): PushLog {
  const { log } = openLog(disk, options);
  log.roll(utf8Encode('at the start'));
  return log;
}

const seen = ({ checkpoint, records }: LogPiece) => [
  checkpoint === null ? null : utf8Decode(checkpoint),
  ...records.map(({ position, payload }) => `${position} ${utf8Decode(payload)}`),
];

test('a log is read from any record on, to the end of the file that has it', () => {
  const log = newLog();
  log.append(bytes('a', ''), false);
  log.append(bytes('bc'), true);
  log.roll(utf8Encode('abc'));
  log.append(bytes('d'), false);
  expect(seen(log.read(0))).toEqual(['at the start', '0 a', '21 ', '41 bc']);
  expect(seen(log.read(21))).toEqual([null, '21 ', '41 bc']);
  expect(seen(log.read(41))).toEqual([null, '41 bc']);
  expect(seen(log.read(63))).toEqual(['abc', '63 d']);
  expect(seen(log.read(84))).toEqual([null]);
  log.roll(utf8Encode('abcd'));
  expect(seen(log.read(84))).toEqual(['abcd']);
  expect(seen(log.read(63))).toEqual(['abc', '63 d']);
});

test('of files that start at one position the last is read, whose records are there', () => {
  const disk = new VirtualDisk();
  const log = newLog(disk);
  log.roll(utf8Encode('again at the start'));
  log.append(bytes('a'), true);
  for (const text of ['one', 'two', 'three']) log.roll(utf8Encode(text));
  expect(seen(log.read(0))).toEqual(['again at the start', '0 a']);
  expect(seen(log.read(21))).toEqual(['three']);
  log.append(bytes('b'), true);
  for (const each of [log, openLog(disk).log]) {
    expect(seen(each.read(21))).toEqual(['three', '21 b']);
  }
});

test('what was trimmed, or never written, is not read', () => {
  const log = newLog();
  log.append(bytes('a', 'b'), true);
  log.roll(utf8Encode('ab'));
  log.append(bytes('c'), true);
  log.trim(42);
  for (const position of [0, 21]) expect(() => log.read(position)).toThrow(UnavailableError);
  expect(seen(log.read(42))).toEqual(['ab', '42 c']);
  const { log: empty } = openLog(new VirtualDisk());
  expect(() => empty.read(0)).toThrow(/nothing at position 0/);
});

test('what a failed write left behind is never read', () => {
  const disk = new VirtualDisk();
  const log = newLog(disk);
  log.append(bytes('kept'), true);
  const error = new UnavailableError('the disk is full');
  disk.setFaults(({ kind }) => (kind === 'write' ? { error, writtenBytes: 1000 } : null));
  // Whole records are stored, and none of them counts.
  expect(() => log.append(bytes('lost', 'too'), true)).toThrow(error);
  disk.setFaults(null);
  expect(seen(log.read(0))).toEqual(['at the start', '0 kept']);
  expect(seen(log.read(24))).toEqual([null]);
  log.roll(utf8Encode('kept'));
  log.append(bytes('then'), true);
  expect(seen(log.read(0))).toEqual(['at the start', '0 kept']);
  expect(seen(log.read(24))).toEqual(['kept', '24 then']);
});

test('a copy begins with the id and at the position that it is given, and keeps both', () => {
  const disk = new VirtualDisk();
  const { log } = openLog(disk, { first: FIRST });
  expect([log.id, log.start, log.end, log.sizeBytes]).toEqual([ID, 5000, 5000, 0]);
  log.roll(utf8Encode('the state at 5000'));
  expect(log.append(bytes('a'), true)).toEqual([{ position: 5000, end: 5021 }]);
  // Also when another one is asked for: that is for a log that is not there.
  for (const options of [{}, { first: { id: 'f'.repeat(32), position: 7 } }]) {
    const again = openLog(disk, { ...options, syncedTo: 5021 });
    expect([again.log.id, again.log.start, again.log.end]).toEqual([ID, 5000, 5021]);
    expect(utf8Decode(again.checkpoint!)).toBe('the state at 5000');
    expect([...again.records].map(({ position }) => position)).toEqual([5000]);
  }
});

test('a power cut leaves a copy with its id and its beginning, or none', () => {
  const disk = new VirtualDisk();
  let ended = 5000;
  const found = new Set<string | null>();
  const stop = watchCrashes(disk, 2, (state) => {
    const id = logIdIn(state, DIRECTORY);
    found.add(id);
    const { log } = openLog(state);
    if (id === null) expect([log.end, ended]).toEqual([0, 5000]);
    else expect([log.id, log.start, log.end >= ended]).toEqual([ID, 5000, true]);
    const again = openLog(state, { first: FIRST });
    expect([again.log.id, again.log.start]).toEqual([ID, 5000]);
  });
  const log = newLog(disk, { first: FIRST });
  ended = log.append(bytes('a'), true)[0]!.end;
  log.roll(utf8Encode('a'));
  ended = log.append(bytes('b'), true)[0]!.end;
  stop();
  expect(found).toEqual(new Set([null, ID]));
});

test('a copy whose first roll is refused begins where it is told when that is tried again', () => {
  for (let call = 0; call < 12; call++) {
    const disk = new VirtualDisk();
    const { log } = openLog(disk, { first: FIRST });
    disk.setFaults(failOperation(call));
    try {
      log.roll(utf8Encode('x'));
    } catch {
      disk.setFaults(null);
      openLog(disk, { first: FIRST }).log.roll(utf8Encode('x'));
    }
    const { log: found } = openLog(disk);
    expect([found.id, found.start, found.end]).toEqual([ID, 5000, 5000]);
  }
});

test('the id of the log in a directory is known without opening it', () => {
  const disk = new VirtualDisk();
  expect(logIdIn(disk, DIRECTORY)).toBeNull();
  disk.makeDirectory(DIRECTORY);
  disk.create(`${DIRECTORY}/0000000000000001.log.tmp`).write(new Uint8Array(9));
  expect(logIdIn(disk, DIRECTORY)).toBeNull();
  const log = newLog(disk);
  expect(logIdIn(disk, DIRECTORY)).toBe(log.id);
  log.roll(utf8Encode('more'));
  expect(logIdIn(disk, DIRECTORY)).toBe(log.id);
  disk.create(`${DIRECTORY}/0000000000000001.log`).write(new Uint8Array(9));
  expect(() => logIdIn(disk, DIRECTORY)).toThrow(CorruptLogError);
});

/** Copies a log as it is read, from its start to its end. */
function copyOf(log: PushLog): VirtualDisk {
  const disk = new VirtualDisk();
  const { log: copy } = openLog(disk, { first: { id: log.id, position: log.start } });
  do {
    const { checkpoint, records } = log.read(copy.end);
    if (checkpoint !== null) copy.roll(checkpoint);
    copy.append(
      records.map(({ payload }) => payload),
      true,
    );
  } while (copy.end < log.end);
  return disk;
}

/** Checks a copy as what it is copied from would be, also where it begins at any of its files. */
function checkCopy(disk: VirtualDisk, { log }: LogUser, promised: LogLedger): void {
  const { end } = log;
  const ledger = promised.copy();
  // Of a group whose write failed the copy has nothing.
  ledger.pending = [];
  ledger.durableTo = end;
  ledger.trimmedTo = log.start;
  const files = new Set(ledger.records.map(({ position }) => position));
  for (const position of [log.start, ...files, end]) {
    const opened = openLog(disk);
    expect(opened.log.id).toBe(log.id);
    expect(ledger.check(opened).length).toBeLessThanOrEqual(ledger.records.length);
    expect(opened.log.end).toBe(end);
    ledger.trimmedTo = Math.max(log.start, position);
    opened.log.trim(ledger.trimmedTo);
  }
}

function copyAfter(plan: readonly Step[], refused: number): void {
  let died = false;
  const disk = new VirtualDisk({ onFatal: () => (died = true) });
  const ledger = new LogLedger();
  const user = new LogUser(disk, ledger, 5000);
  const error = new UnavailableError('the disk is full');
  const at = disk.operationCount + refused;
  disk.setFaults(({ index }) => (index === at ? { error, writtenBytes: 400 } : null));
  runInTrouble(user, plan, () => {
    const was = died;
    died = false;
    return was;
  });
  disk.setFaults(null);
  if (user.log.sizeBytes === 0) user.roll();
  checkCopy(copyOf(user.log), user, ledger);
}

test(
  'a log that is copied as it is read is the same log, whatever became of it before',
  () => {
    fc.assert(fc.property(steps, fc.nat(80), copyAfter), runs(60));
  },
  CRASH_TIMEOUT_MS,
);
