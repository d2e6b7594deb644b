import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type FaultPlan,
  SeededRandom,
  UnavailableError,
  VirtualDisk,
  type WriteFile,
} from '../../core/index.js';
import { watchCrashes } from '../../core/testing.js';
import { LogLedger, LogUser, recover, runs, runUnderFaults, type Step, steps } from './testing.js';

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

test('no power cut at any call loses what was promised, nor the way on', () => {
  let count = 0;
  const property = fc.property(steps, fc.nat(), (plan, seed) => {
    count += survive(plan, { seed });
  });
  fc.assert(property, runs(30));
  expect(count).toBeGreaterThan(4000);
});

/** Call `first` and the `count - 1` after it that take room fail; a write stores a part. */
function fullDisk(first: number, count: number, chance: SeededRandom): FaultPlan {
  const error = new UnavailableError('the disk is full', { code: 'ENOSPC' });
  return ({ index, kind }) => {
    if (index < first || index >= first + count) return null;
    if (count > 1 && !['write', 'create', 'rename', 'makeDirectory'].includes(kind)) return null;
    return { error, writtenBytes: chance.nextUint32() % 9000 };
  };
}

/** Runs a plan in which calls from `first` on fail, with power cuts as well. */
function surviveFaults(plan: readonly Step[], first: number, count: number, seed: number): number {
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
  const from = disk.operationCount + first;
  let states = 0;
  const onState = (found: VirtualDisk) => {
    if (chance.nextUint32() % 4 !== 0) return;
    states += recover(found, ledger, 0, chance);
  };
  const stop = watchCrashes(disk, 1, onState, fullDisk(from, count, chance));
  runUnderFaults(user, plan, died);
  stop();
  // The fault has passed: the same process goes on, and so does another.
  user.append([100], true);
  user.restart();
  user.append([100], true);
  return states;
}

describe('a disk that refuses', () => {
  test('any one call loses nothing, and the log goes on', () => {
    let count = 0;
    const property = fc.property(steps, fc.nat(40), fc.nat(), (plan, first, seed) => {
      count += surviveFaults(plan, first, 1, seed);
    });
    fc.assert(property, runs(120));
    expect(count).toBeGreaterThan(1000);
  });

  test('every write for a while heals by itself', () => {
    const property = fc.property(steps, fc.nat(40), fc.nat(), (plan, first, seed) => {
      surviveFaults(plan, first, 30, seed);
    });
    fc.assert(property, runs(80));
  });
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
