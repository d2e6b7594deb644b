import {
  type CrashRule,
  cutPowerAt,
  type Disk,
  type DiskOperationKind,
  PowerCutError,
  SeededRandom,
  UnavailableError,
  VirtualDisk,
  type WriteFile,
} from '../../../core/index.js';
import { TestNode, type TestNodeOptions } from './node-testing.js';
import { below, checkPromises, type Ledger, Workload } from './workload-testing.js';

/** A disk after a power cut, and what had been promised by then. */
export interface CrashState extends Ledger {
  readonly disk: VirtualDisk;
  /** For messages. */
  readonly at: string;
}

/** How a run goes. */
export interface RunOptions extends TestNodeOptions {
  readonly seed: number;
  readonly steps: number;
  /** Puts a disk that breaks its promises before the real one. */
  readonly wrap?: (disk: VirtualDisk) => Disk;
}

/** Calls that change nothing. */
export const LOOKING: ReadonlySet<DiskOperationKind> = new Set([
  'read',
  'stat',
  'list',
  'openRead',
  'realPath',
]);

/** The disks that power cuts at every call of a run that changes something leave behind, under every rule. */
export async function crashStates(
  { seed, steps, wrap = (disk) => disk, ...options }: RunOptions,
  rules: readonly CrashRule[],
): Promise<CrashState[]> {
  const states: CrashState[] = [];
  const disk = new VirtualDisk();
  const chance = new SeededRandom(seed + 1);
  const workload = new Workload(new SeededRandom(seed));
  disk.setFaults(({ index, kind, path }) => {
    if (LOOKING.has(kind)) return null;
    for (const rule of rules) {
      const at = `seed ${seed}, call ${index} (${kind} ${path}), rule ${JSON.stringify(rule)}`;
      states.push({ disk: disk.crash(rule, chance), at, ...workload.ledger });
    }
    return null;
  });
  const engine = await workload.run(steps, wrap(disk), options);
  await engine.close();
  return states;
}

/**
 * A run during which the disk refuses some calls in a row, writing a part of what it is given, and then is
 * well again. A sync that fails ends the run, as it ends the process.
 */
export async function faultState(
  { seed, steps, ...options }: RunOptions,
  first: number,
  count: number,
): Promise<CrashState> {
  const random = new SeededRandom(seed + 2);
  let calls = 0;
  let isDead = false;
  const disk = new VirtualDisk({ onFatal: () => (isDead = true) });
  const workload = new Workload(new SeededRandom(seed));
  disk.setFaults(({ kind }) => {
    if (isDead) return { error: new PowerCutError() };
    if (LOOKING.has(kind)) return null;
    const call = calls++;
    if (call < first || call >= first + count) return null;
    return { error: new UnavailableError('no space left'), writtenBytes: below(random, 3000) };
  });
  try {
    const engine = await workload.run(steps, disk, options);
    await engine.close();
  } catch (error) {
    if (!isDead && !(error instanceof UnavailableError)) throw error;
  }
  const at = `seed ${seed}, ${count} calls from ${first} on failed`;
  return { disk: disk.crash('everything', random), at, ...workload.ledger };
}

/** Recovers a disk and checks all promises. Throws with `state.at` in the message. */
export async function checkState({ disk, sent, acked, at }: CrashState): Promise<void> {
  await checkPromises(await TestNode.open(disk), sent, acked, at);
}

/** The disk that is found when recovery itself is cut at a call, and the next one, and so on. */
export async function cutAgain(state: CrashState, depth: number): Promise<CrashState> {
  let { disk } = state;
  const random = new SeededRandom(depth);
  for (let i = 0; i < depth; i++) {
    disk.setFaults(cutPowerAt(disk.operationCount + below(random, 30)));
    await TestNode.open(disk).catch((error: unknown) => {
      if (!(error instanceof PowerCutError)) throw error;
    });
    disk = disk.crash({ random: 0.5 }, random);
  }
  return { ...state, disk, at: `${state.at}, recovery cut ${depth} times` };
}

/** A disk that forgets to make some files durable. */
export function withoutSync(disk: Disk, isMeant: (path: string) => boolean): Disk {
  const careless = (file: WriteFile): WriteFile => ({
    write: (bytes) => file.write(bytes),
    sync: () => undefined,
    close: () => file.close(),
  });
  return new Proxy(disk, {
    get(target, name: keyof Disk) {
      if (name === 'create' || name === 'openAppend') {
        return (path: string) => {
          const file = target[name](path);
          return isMeant(path) ? careless(file) : file;
        };
      }
      return target[name].bind(target);
    },
  });
}
