import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { DiskOperationKind, FaultPlan } from './fault-plan.js';
import { SeededRandom } from './random.js';
import type { CrashRule } from './virtual-crash.js';
import type { VirtualDisk } from './virtual-disk.js';

/**
 * For tests: a new empty directory of the machine, its path resolved. `atEnd` gets what removes it
 * with all below it: pass `onTestFinished` of vitest inside a test, `afterAll` outside.
 */
export function temporaryDirectory(prefix: string, atEnd: (remove: () => void) => void): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), `varve-${prefix}-`)));
  atEnd(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** For tests: as `expect(found, message).toEqual(wanted)`, which takes its time and is left to say what is not the same. */
export function expectSame(found: unknown, wanted: unknown, message?: string): void {
  if (!isDeepStrictEqual(found, wanted)) expect(found, message).toEqual(wanted);
}

/** For tests: VARVE_SEED repeats a run; every other one has a seed of its own. */
export const SEED = Number(process.env.VARVE_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** For tests: how often a property is tried: as given in `npm test`, VARVE_DRAWS times as often in a long run. */
export const draws = (count: number): number =>
  Math.ceil(count * Number(process.env.VARVE_DRAWS ?? 1));

/**
 * For tests: tries a property with draws that are the same in every run, after which `reached` says whether it came by what it
 * is about; then with draws of chance, on which no threshold may rest.
 */
export async function assertReaching<Ts>(
  property: fc.IAsyncProperty<Ts> | fc.IProperty<Ts>,
  numRuns: number,
  reached: () => void,
  drawn: fc.Parameters<Ts> = { numRuns: draws(numRuns) },
): Promise<void> {
  await fc.assert(property, { seed: 1, numRuns });
  reached();
  await fc.assert(property, drawn);
}

/**
 * For tests: calls `onState` with what a power cut between any two calls on `disk` may leave, under
 * every rule, `seeds` times where chance decides. `name` says which state it is, for messages. The
 * states are taken while the caller works on, so it must judge them by what was promised until
 * then. `faults` may make calls fail meanwhile. Returns a function that ends it, with the states
 * after the last call.
 */
export function watchCrashes(
  disk: VirtualDisk,
  seeds: number,
  onState: (found: VirtualDisk, name: string) => void,
  faults: FaultPlan | null = null,
): () => void {
  // Calls that only read lead to no new state.
  let changed = true;
  const takeStates = (when: string): void => {
    if (!changed) return;
    for (const rule of CRASH_RULES) {
      const certain = rule === 'synced-only' || rule === 'everything';
      for (let seed = 0; seed < (certain ? 1 : seeds); seed++) {
        const random = new SeededRandom(disk.operationCount * 1000 + seed);
        onState(disk.crash(rule, random), `${when}, ${JSON.stringify(rule)}, seed ${seed}`);
      }
    }
  };
  disk.setFaults((operation) => {
    const { index, kind, path } = operation;
    takeStates(`power cut before call ${index}, ${kind} ${path}`);
    changed = !READING.has(kind);
    return faults?.(operation) ?? null;
  });
  return () => {
    takeStates('power cut after the last call');
    disk.setFaults(null);
  };
}

const CRASH_RULES: readonly CrashRule[] = [
  'synced-only',
  'everything',
  { random: 0.5 },
  { random: 0.9 },
  'torn-last',
];

const READING: ReadonlySet<DiskOperationKind> = new Set([
  'openRead',
  'read',
  'stat',
  'list',
  'realPath',
]);
