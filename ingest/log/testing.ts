import fc from 'fast-check';
import {
  PowerCutError,
  SeededRandom,
  UnavailableError,
  utf8Encode,
  type VirtualDisk,
} from '../../core/index.js';
import { watchCrashes } from '../../core/testing.js';
import { type OpenedLog, PushLog } from './push-log.js';
import { type LogRecord, RECORD_HEAD_BYTES } from './record.js';

export const DIRECTORY = '/data/log';

const { VARVE_SEED, VARVE_CRASHES = '1' } = process.env;

/** For `fc.assert`. VARVE_CRASHES=100 makes it a run a hundred times as long, VARVE_SEED the one that it was. */
export const runs = (count: number): { numRuns: number; seed?: number } => {
  const numRuns = count * Number(VARVE_CRASHES);
  return VARVE_SEED === undefined ? { numRuns } : { numRuns, seed: Number(VARVE_SEED) };
};

/** For tests that take `runs`: many engineers share a machine. */
export const CRASH_TIMEOUT_MS = 120_000 * Number(VARVE_CRASHES);

export type Step =
  | { readonly kind: 'append'; readonly sizes: readonly number[]; readonly durable: boolean }
  | { readonly kind: 'trim'; readonly part: number }
  | { readonly kind: 'roll' | 'sync' | 'restart' };

const size = fc.oneof(fc.constantFrom(0, 1), fc.nat(300), fc.nat(12_000));
const append = fc.record({
  kind: fc.constant('append' as const),
  sizes: fc.array(size, { minLength: 1, maxLength: 4 }),
  durable: fc.boolean(),
});

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: append },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('roll', 'sync', 'restart') }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('trim' as const),
        part: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    },
  ),
  { minLength: 1, maxLength: 10 },
);

/** What a log was told and what it promised: the oracle. */
export class LogLedger {
  /** Appended, in order, from position 0. */
  records: LogRecord[] = [];
  /** A group whose append has begun or failed: it may be found as long as no roll came after it. */
  pending: LogRecord[] = [];
  durableTo = 0;
  trimmedTo = 0;

  get end(): number {
    return this.records.at(-1)?.end ?? 0;
  }

  copy(): LogLedger {
    return Object.assign(new LogLedger(), this, { records: [...this.records] });
  }

  begin(payloads: readonly Uint8Array[]): void {
    let position = this.end;
    this.pending = payloads.map((payload) => {
      const end = position + RECORD_HEAD_BYTES + payload.length;
      const record = { position, end, payload };
      position = end;
      return record;
    });
  }

  finish(durable: boolean): void {
    this.records.push(...this.pending);
    this.pending = [];
    if (durable) this.durableTo = this.end;
  }

  /** A state that every record before `position` has changed. */
  checkpoint(position = this.end): Uint8Array {
    const before = this.records.filter(({ end }) => end <= position);
    const sum = before.reduce((total, { payload }) => total + (payload[0] ?? 7), 0);
    // Long enough to lie on two pages, so that a header can be torn.
    return utf8Encode(`${position} ${before.length} ${sum} `.padEnd(5000, '.'));
  }

  /** Throws unless a log that was opened holds what it must; gives what it holds. */
  check({ log, checkpoint, records }: OpenedLog): LogRecord[] {
    const { start } = log;
    must(start <= this.trimmedTo, `starts at ${start}, trimmed to ${this.trimmedTo}`);
    if (checkpoint === null) must(this.durableTo === 0 && start === 0, 'the log is gone');
    else must(same(checkpoint, this.checkpoint(start)), `another checkpoint at ${start}`);
    const expected = [...this.records, ...this.pending].filter(({ position }) => position >= start);
    const found = [...records];
    must(found.length <= expected.length, `${found.length} of ${expected.length} records`);
    for (const [i, { position, end, payload }] of found.entries()) {
      const wanted = expected[i]!;
      must(position === wanted.position && end === wanted.end, `a record at ${position}`);
      must(same(payload, wanted.payload), `another payload at ${position}`);
    }
    const end = found.at(-1)?.end ?? start;
    must(end === log.end, `records end at ${end}, the log at ${log.end}`);
    must(end >= this.durableTo, `ends at ${end}, durable to ${this.durableTo}`);
    return found;
  }

  /** Goes on from what was found. */
  adopt({ log }: OpenedLog, found: readonly LogRecord[]): void {
    this.records = this.records.filter(({ end }) => end <= log.start).concat(found);
    this.pending = [];
  }
}

/** Processes, one after the other, that use a log as they should. */
export class LogUser {
  log!: PushLog;

  constructor(
    readonly disk: VirtualDisk,
    readonly ledger: LogLedger,
    private readonly fileBytes = 9000,
    private readonly random = new SeededRandom(7),
  ) {
    this.restart();
  }

  restart(): void {
    const { disk, ledger, random, fileBytes } = this;
    const opened = PushLog.open({ disk, directory: DIRECTORY, random, fileBytes });
    const found = ledger.check(opened);
    ledger.adopt(opened, found);
    this.log = opened.log;
  }

  run(step: Step): void {
    if (step.kind === 'append') this.append(step.sizes, step.durable);
    else if (step.kind === 'trim') this.trim(step.part);
    else this[step.kind]();
  }

  sync(): void {
    this.log.sync();
    this.ledger.durableTo = this.ledger.end;
  }

  /** Before a position that lies `part` of the way through the log. */
  trim(part: number): void {
    const { log, ledger } = this;
    const before = Math.floor(log.start + part * (log.end - log.start));
    ledger.trimmedTo = Math.max(ledger.trimmedTo, before);
    log.trim(before);
  }

  roll(): void {
    this.log.roll(this.ledger.checkpoint());
    this.ledger.pending = [];
    this.ledger.durableTo = this.ledger.end;
  }

  append(sizes: readonly number[], durable: boolean): void {
    if (this.log.wantsRoll) this.roll();
    const payloads = sizes.map((length) => this.payload(length));
    this.ledger.begin(payloads);
    const expected = this.ledger.pending.map(({ position, end }) => ({ position, end }));
    const ranges = this.log.append(payloads, durable);
    must(JSON.stringify(ranges) === JSON.stringify(expected), 'other positions');
    this.ledger.finish(durable);
  }

  private payload(length: number): Uint8Array {
    const payload = new Uint8Array(length);
    const first = this.random.nextUint32();
    for (let i = 0; i < length; i++) payload[i] = first + i * (first >>> 8);
    return payload;
  }
}

/**
 * As `run` for each step, on a disk whose trouble passes. A refused call is given up; a failed sync,
 * or a kill (the error of a power cut), ends the process, and another one opens the log.
 */
export function runInTrouble(user: LogUser, plan: readonly Step[], died: () => boolean): void {
  for (const step of plan) {
    const outcome = outcomeOf(() => user.run(step));
    if (!died() && outcome !== 'killed') continue;
    while (outcomeOf(() => user.restart()) !== 'done');
  }
}

function outcomeOf(call: () => void): 'done' | 'refused' | 'killed' {
  try {
    call();
    return 'done';
  } catch (error) {
    if (error instanceof PowerCutError) return 'killed';
    if (error instanceof UnavailableError) return 'refused';
    throw error;
  }
}

/**
 * Recovers a disk found after a power cut, checks it, and works on; power is cut again during that,
 * `depth` levels deep. Returns how many states were recovered.
 */
export function recover(
  found: VirtualDisk,
  before: LogLedger,
  depth: number,
  chance: SeededRandom,
): number {
  const ledger = before.copy();
  let count = 1;
  const stop =
    depth === 0
      ? null
      : watchCrashes(found, 1, (again) => {
          // All states of the states of the states would be a million.
          if (chance.nextUint32() % 8 === 0) count += recover(again, ledger, depth - 1, chance);
        });
  const user = new LogUser(found, ledger);
  user.append([0, 5000], false);
  user.append([10], true);
  user.trim(0.7);
  stop?.();
  user.restart();
  return count;
}

function must(condition: boolean, message: string): void {
  if (!condition) throw new Error(`ledger: ${message}`);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
