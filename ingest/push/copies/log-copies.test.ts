import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ConflictError,
  type DiskOperationKind,
  SeededRandom,
  UnavailableError,
  utf8Decode,
  utf8Encode,
  VirtualDisk,
} from '../../../core/index.js';
import { draws, SEED, watchCrashes } from '../../../core/testing.js';
import { PushLog } from '../../log/push-log.js';
import { RECORD_HEAD_BYTES } from '../../log/record.js';
import { LogCopies } from './log-copies.js';
import type { LogGroup } from './types.js';

const DIRECTORY = '/data/copies';
const LOG_ID = '0123456789abcdef0123456789abcdef';
const START = { logId: LOG_ID, position: 100, checkpoint: utf8Encode('state at 100') };

const copiesOn = (disk: VirtualDisk): LogCopies =>
  new LogCopies({ disk, random: new SeededRandom(1), directory: DIRECTORY });

/** A group of texts. */
const group = (position: number, texts: string[], checkpoint: string | null = null): LogGroup => ({
  position,
  checkpoint: checkpoint === null ? null : utf8Encode(checkpoint),
  payloads: texts.map((text) => utf8Encode(text)),
});

/** Where a group ends. */
const endOf = ({ position, payloads }: LogGroup): number =>
  payloads.reduce((sum, { length }) => sum + RECORD_HEAD_BYTES + length, position);

/** What an engine would find in the copy. */
function found(disk: VirtualDisk, log = 'a') {
  const random = new SeededRandom(2);
  const opened = PushLog.open({ disk, random, directory: `${DIRECTORY}/${log}` });
  const texts = [...opened.records].map(
    ({ position, payload }) => `${position} ${utf8Decode(payload)}`,
  );
  const { id, start, end } = opened.log;
  return { id, start, end, checkpoint: utf8Decode(opened.checkpoint!), texts };
}

/** A copy of the log a that the session s writes, with a group. */
function begun(disk = new VirtualDisk()): LogCopies {
  const copies = copiesOn(disk);
  copies.begin('a', 's', START);
  copies.append('a', 's', group(100, ['one', 'two']));
  return copies;
}

const NEXT = group(146, ['three'], 'state at 146');

test('a copy is a log with the same commands at the same positions, on disk once it is answered', () => {
  const disk = new VirtualDisk();
  const copies = begun(disk);
  copies.append('a', 's', NEXT);
  copies.append('a', 's', group(171, []));
  const state = disk.crash('synced-only', new SeededRandom(1));
  const texts = ['100 one', '123 two', '146 three'];
  const same = { id: LOG_ID, start: 100, end: 171, checkpoint: 'state at 100', texts };
  expect(found(state)).toEqual(same);
  copies.trim('a', 's', 146);
  expect(found(disk)).toMatchObject({ start: 146, checkpoint: 'state at 146' });
  expect(copies.directoryOf('a')).toBe(`${DIRECTORY}/a`);
});

test('only the session that began last writes to a copy', () => {
  const disk = new VirtualDisk();
  const copies = copiesOn(disk);
  expect(() => copies.append('a', 's', group(100, ['one']))).toThrow(UnavailableError);
  copies.begin('a', 's', START);
  copies.append('a', 's', group(100, ['one']));
  copies.begin('a', 't', { ...START, position: 50 });
  expect(() => copies.append('a', 's', group(123, ['two']))).toThrow(/the session s may write/);
  expect(() => copies.append('a', 's', group(50, ['two']))).toThrow(UnavailableError);
  expect(() => copies.trim('a', 's', 123)).toThrow(UnavailableError);
  copies.append('a', 't', group(50, ['other']));
  expect(found(disk)).toMatchObject({ start: 50, texts: ['50 other'] });
});

test('a group that leaves something out, or comes again, is refused and changes nothing', () => {
  const disk = new VirtualDisk();
  const copies = begun(disk);
  const calls = disk.operationCount;
  for (const position of [0, 100, 123, 145, 147]) {
    const refused = group(position, ['x'], 'state');
    expect(() => copies.append('a', 's', refused)).toThrow(ConflictError);
  }
  expect(disk.operationCount).toBe(calls);
  copies.append('a', 's', NEXT);
  expect(found(disk).texts).toEqual(['100 one', '123 two', '146 three']);
});

test.each<DiskOperationKind>(['create', 'rename', 'write'])(
  'a copy whose disk refuses a %s takes nothing more, until it begins anew',
  (refused) => {
    const disk = new VirtualDisk();
    const copies = begun(disk);
    const error = new UnavailableError('the disk is full');
    disk.setFaults(({ kind }) => (kind === refused ? { error, writtenBytes: 30 } : null));
    expect(() => copies.append('a', 's', NEXT)).toThrow(error);
    expect(() => copies.begin('b', 's', START)).toThrow(error);
    disk.setFaults(null);
    expect(() => copies.append('a', 's', NEXT)).toThrow(/no copy of the log "a"/);
    expect(() => copies.append('b', 's', group(100, ['x']))).toThrow(/no copy of the log "b"/);
    expect(found(disk).texts.slice(0, 2)).toEqual(['100 one', '123 two']);
    copies.begin('a', 's', START);
    copies.append('a', 's', group(100, ['one', 'two']));
    copies.append('a', 's', NEXT);
    expect(found(disk).texts).toEqual(['100 one', '123 two', '146 three']);
  },
);

test('a process knows the copies that another one kept; sessions end with their process', () => {
  const disk = new VirtualDisk();
  expect(copiesOn(disk).list()).toEqual([]);
  begun(disk).begin('b', 's', { ...START, logId: 'f'.repeat(32) });
  disk.makeDirectory(`${DIRECTORY}/empty`);
  const next = copiesOn(disk);
  expect(next.list()).toEqual([
    { log: 'a', logId: LOG_ID },
    { log: 'b', logId: 'f'.repeat(32) },
  ]);
  expect(() => next.append('a', 's', NEXT)).toThrow(UnavailableError);
  next.begin('a', 's', START);
  expect(found(disk).texts).toEqual([]);
});

test('a copy that is closed stays, one that is removed is gone, and no other with it', () => {
  const disk = new VirtualDisk();
  const copies = begun(disk);
  copies.begin('b', 's', START);
  copies.close('a');
  expect(() => copies.append('a', 's', NEXT)).toThrow(UnavailableError);
  expect(found(disk).texts).toEqual(['100 one', '123 two']);
  copies.remove('a');
  copies.remove('never there');
  expect(copies.list()).toEqual([{ log: 'b', logId: LOG_ID }]);
  expect(disk.list(DIRECTORY)).toEqual(['b']);
  copies.append('b', 's', group(100, ['one']));
  copies.closeAll();
  expect(() => copies.append('b', 's', group(123, ['two']))).toThrow(UnavailableError);
  expect(found(disk, 'b').texts).toEqual(['100 one']);
});

test('a copy that is damaged, or was removed in part, is none, and hides no other', () => {
  const disk = new VirtualDisk();
  const copies = begun(disk);
  copies.append('a', 's', NEXT);
  copies.append('a', 's', group(171, ['four'], 'state at 171'));
  copies.begin('b', 's', START);
  disk.remove(`${DIRECTORY}/a/0000000000000002.log`);
  expect(copiesOn(disk).list()).toEqual([{ log: 'b', logId: LOG_ID }]);
});

type CopyStep =
  | { readonly kind: 'begin' | 'remove' | 'restart'; readonly log: 'a' | 'b' }
  | { readonly kind: 'append'; readonly log: 'a' | 'b'; readonly rolls: boolean };

const log = fc.constantFrom<'a' | 'b'>('a', 'b');
const steps: fc.Arbitrary<CopyStep[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('append'), log, rolls: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom('begin', 'remove', 'restart'), log }),
    },
  ),
  { minLength: 1, maxLength: 16 },
);

/** A node that keeps copies, and what its calls have promised when they returned: of each log, what is in its copy. */
class PromisedCopies {
  readonly promised = new Map<string, string[]>();
  readonly #ends = new Map<string, number>();
  #copies: LogCopies;

  constructor(private readonly disk: VirtualDisk) {
    this.#copies = copiesOn(disk);
  }

  run(step: CopyStep): void {
    const { kind, log } = step;
    if (kind === 'restart') this.#restart();
    else if (kind === 'append') this.#append(log, step.rolls);
    else {
      this.promised.delete(log);
      this.#ends.delete(log);
      this.#copies.remove(log);
      if (kind === 'begin') this.#begin(log);
    }
  }

  #restart(): void {
    this.#copies = copiesOn(this.disk);
    this.#ends.clear();
  }

  #begin(log: string): void {
    this.#copies.begin(log, 's', START);
    this.promised.set(log, []);
    this.#ends.set(log, START.position);
  }

  #append(log: string, rolls: boolean): void {
    const position = this.#ends.get(log);
    if (position === undefined) return;
    const texts = [`${log} at ${position}`, 'x'.repeat(position % 5000)];
    const appended = group(position, texts, rolls ? `state at ${position}` : null);
    this.#copies.append(log, 's', appended);
    this.promised.get(log)!.push(`${position} ${texts[0]}`);
    this.#ends.set(log, endOf(appended));
  }
}

/** A process that finds the disk so lists what was promised, and has all of it. */
function checkFound(disk: VirtualDisk, promised: PromisedCopies['promised']): void {
  const listed = copiesOn(disk).list();
  for (const [log, texts] of promised) {
    expect(listed).toContainEqual({ log, logId: LOG_ID });
    const copy = found(disk, log);
    expect(copy.start).toBe(START.position);
    const own = copy.texts.filter((text) => / [ab] at /.test(text));
    // A group that was under way may be there too.
    expect([texts.length, texts.length + 1]).toContain(own.length);
    expect(own.slice(0, texts.length)).toEqual(texts);
  }
}

test(`no power cut at any call loses what an append had returned for; seed ${SEED}`, () => {
  const survive = (plan: CopyStep[]): void => {
    const disk = new VirtualDisk();
    const copies = new PromisedCopies(disk);
    for (const log of ['a', 'b'] as const) copies.run({ kind: 'begin', log });
    const stop = watchCrashes(disk, 2, (state) => checkFound(state, copies.promised));
    for (const step of plan) copies.run(step);
    stop();
  };
  fc.assert(fc.property(steps, survive), { numRuns: draws(20), seed: SEED });
});
