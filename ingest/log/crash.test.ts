import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cutPowerAt,
  type FaultPlan,
  PowerCutError,
  SeededRandom,
  UnavailableError,
  VirtualDisk,
  type WriteFile,
} from '../../core/index.js';
import { assertReaching, watchCrashes } from '../../core/testing.js';
import {
  CRASH_TIMEOUT_MS,
  LogLedger,
  LogUser,
  recover,
  runInTrouble,
  runs,
  type Step,
  steps,
} from './testing.js';

/** Runs a plan with the power cut between any two calls. Returns how many states were recovered. */
function survive(
  plan: readonly Step[],
  { disk = new VirtualDisk(), seeds = 2, again = 40, seed = 1 } = {},
): number {
  const ledger = new LogLedger();
  const chance = new SeededRandom(seed);
  let count = 0;
  const stop = watchCrashes(disk, seeds, (found, name) => {
    const depth = chance.nextUint32() % again === 0 ? 2 : 0;
    try {
      count += recover(found, ledger, depth, chance);
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
    }
  });
  const user = new LogUser(disk, ledger);
  for (const step of plan) user.run(step);
  stop();
  return count;
}

test(
  'no power cut at any call loses what was promised, nor the way on',
  async () => {
    let count = 0;
    const property = fc.property(steps, fc.nat(), (plan, seed) => {
      count += survive(plan, { seed });
    });
    await assertReaching(property, 3, () => expect(count).toBeGreaterThan(200), runs(3));
  },
  CRASH_TIMEOUT_MS,
);

/** What goes wrong from call `first` on. */
type Trouble = (first: number, chance: SeededRandom) => FaultPlan;

const REFUSAL = new UnavailableError('the disk is full', { code: 'ENOSPC' });
const TAKES_ROOM = new Set(['write', 'create', 'rename', 'makeDirectory']);

/** One call of any kind; a write stores a part. */
const oneRefusal: Trouble =
  (first, chance) =>
  ({ index }) =>
    index === first ? { error: REFUSAL, writtenBytes: chance.nextUint32() % 9000 } : null;

/** Every call that takes room, thirty calls long. */
const fullDisk: Trouble =
  (first, chance) =>
  ({ index, kind }) => {
    if (index < first || index >= first + 30 || !TAKES_ROOM.has(kind)) return null;
    return { error: REFUSAL, writtenBytes: chance.nextUint32() % 9000 };
  };

/** The process ends before the call; what it wrote is still in the system's memory. */
const kill: Trouble =
  (first) =>
  ({ index }) =>
    index === first || index === first + 15 ? { error: new PowerCutError() } : null;

/** Runs a plan with trouble, and with power cuts between any two calls. Returns how many states were recovered. */
function surviveTrouble(
  trouble: Trouble,
  plan: readonly Step[],
  first: number,
  seed: number,
): number {
  const chance = new SeededRandom(seed);
  let fatal = false;
  const disk = new VirtualDisk({
    onFatal: () => {
      fatal = true;
    },
  });
  const died = () => {
    const was = fatal;
    fatal = false;
    return was;
  };
  const ledger = new LogLedger();
  const user = new LogUser(disk, ledger);
  let states = 0;
  const onState = (found: VirtualDisk) => {
    if (chance.nextUint32() % 2 === 0) states += recover(found, ledger, 0, chance);
  };
  const stop = watchCrashes(disk, 1, onState, trouble(disk.operationCount + first, chance));
  runInTrouble(user, plan, died);
  stop();
  // The trouble has passed: the same process goes on, and so does another.
  user.append([100], true);
  user.restart();
  user.append([100], true);
  return states;
}

test.each([
  { name: 'one refused call', trouble: oneRefusal, count: 20 },
  { name: 'a disk that is full for a while', trouble: fullDisk, count: 15 },
  { name: 'a process that is killed', trouble: kill, count: 24 },
])(
  '$name loses nothing, and the log goes on',
  async ({ trouble, count }) => {
    let states = 0;
    const property = fc.property(steps, fc.nat(60), fc.nat(), (plan, first, seed) => {
      states += surviveTrouble(trouble, plan, first, seed);
    });
    const reached = () => expect(states).toBeGreaterThan(5 * count);
    await assertReaching(property, count, reached, runs(count));
  },
  CRASH_TIMEOUT_MS,
);

test.each<{ name: string; plan: Step[] }>([
  { name: 'roll', plan: [{ kind: 'roll' }, { kind: 'append', sizes: [1], durable: true }] },
  {
    name: 'trim',
    plan: [
      { kind: 'trim', part: 0.5 },
      { kind: 'trim', part: 1 },
    ],
  },
])('a kill at any call, then a power cut at any call of the next process: $name', ({ plan }) => {
  for (let killed = 0; killed < 16; killed++) {
    const disk = new VirtualDisk();
    const ledger = new LogLedger();
    const user = new LogUser(disk, ledger, 1000);
    for (let i = 0; i < 4; i++) user.append([1000], true);
    disk.setFaults(cutPowerAt(disk.operationCount + killed));
    runInTrouble(user, plan.slice(0, 1), () => {
      disk.setFaults(null);
      return true;
    });
    const stop = watchCrashes(disk, 3, (found) => recover(found, ledger, 0, new SeededRandom(1)));
    for (const step of plan) user.run(step);
    stop();
  }
});

/** A disk on which some calls do nothing. */
class LyingDisk extends VirtualDisk {
  constructor(private readonly lie: 'directory' | 'records' | 'headers') {
    super();
  }
  override syncDirectory(path: string): void {
    if (this.lie !== 'directory') super.syncDirectory(path);
  }
  override create(path: string): WriteFile {
    return this.lie === 'headers' ? withoutSync(super.create(path)) : super.create(path);
  }
  override openAppend(path: string): WriteFile {
    return this.lie === 'records' ? withoutSync(super.openAppend(path)) : super.openAppend(path);
  }
}

function withoutSync(file: WriteFile): WriteFile {
  return { ...file, sync: () => {} };
}

test.each(['directory', 'records', 'headers'] as const)(
  'the search finds the loss when a sync is left out: %s',
  (lie) => {
    const plan: Step[] = [
      { kind: 'append', sizes: [100, 5000], durable: true },
      { kind: 'roll' },
      { kind: 'append', sizes: [9000], durable: true },
    ];
    survive(plan);
    expect(() => survive(plan, { disk: new LyingDisk(lie) })).toThrow(/power cut/);
  },
);
