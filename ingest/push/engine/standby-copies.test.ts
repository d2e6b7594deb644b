import { expect, test, vi } from 'vitest';
import { ConflictError, type Disk, VirtualDisk } from '../../../core/index.js';
import { SEED } from '../../../core/testing.js';
import { type CopyLink, type CopyStart, type LogGroup, NO_COPIES } from '../copies/types.js';
import { withoutSync } from './crash-testing.js';
import { TestNode } from './node-testing.js';
import {
  COPIES_DIR,
  checkTakeover,
  type StandbyWorld,
  TestLink,
  takeoverStates,
} from './standby-testing.js';

/** Copies to be taken over, about. */
const STATES = Number(process.env.VARVE_CRASH_STATES ?? 90) / 2;
const RUN = { steps: 12, every: 60 };

const STEPS_OF_LIFE = [
  'appended a roll',
  'dropped',
  'joined',
  'sent a roll',
  'taken over',
  'trimmed',
];

// Only against hanging: many times what the takeovers take.
vi.setConfig({ testTimeout: 300_000 + 60 * STATES });

test(`a node that is lost at any call: its standbys have all that was answered, once; seed ${SEED}`, async () => {
  let count = 0;
  for (let seed = SEED; count < STATES; seed++) {
    const { states } = await takeoverStates({ seed, ...RUN });
    for (const state of states) await checkTakeover(state);
    count += states.length;
  }
});

test('such runs have all that can come to pass', async () => {
  const reached = new Set<string>();
  for (let seed = 1; seed <= 4; seed++) {
    for (const step of (await takeoverStates({ seed, ...RUN })).reached) reached.add(step);
  }
  expect([...reached]).toEqual(expect.arrayContaining(STEPS_OF_LIFE));
});

test('a node joins once at a time, and may join again then', async () => {
  const told: string[] = [];
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const copies: CopyLink = {
    ...NO_COPIES,
    begin: async (node) => void told.push(`begin ${node}`),
    join: async (node) => {
      await gate;
      told.push(`join ${node}`);
    },
  };
  const { engine } = await TestNode.open(new VirtualDisk(), { copies });
  const first = engine.addStandby('b');
  const other = engine.addStandby('c');
  await expect(engine.addStandby('b')).rejects.toThrow(ConflictError);
  open();
  await Promise.all([first, other]);
  await engine.addStandby('b');
  expect(told).toEqual(['begin b', 'begin c', 'join b', 'join c', 'begin b', 'join b']);
  await engine.close();
});

/** Says that standbys have what is still on its way to them. */
class HastyLink extends TestLink {
  override async append(group: LogGroup): Promise<number> {
    void super.append(group).catch(() => undefined);
    return this.world.standbys.size;
  }
}

/** Takes a node for a standby that does not have all yet. */
class EarlyLink extends TestLink {
  override async begin(name: string, start: CopyStart): Promise<void> {
    await super.begin(name, start);
    this.world.standbys.add(name);
  }
}

/** Takes a node for a standby that has missed something. */
class LenientLink extends TestLink {
  protected override drop(): void {}
}

test.each([
  [
    'are answered before standbys have them',
    { link: (world: StandbyWorld) => new HastyLink(world) },
  ],
  [
    'were answered before a standby had all',
    { link: (world: StandbyWorld) => new EarlyLink(world) },
  ],
  [
    'a standby has missed, which may still take over',
    { link: (world: StandbyWorld) => new LenientLink(world) },
  ],
  [
    'a standby has not synced',
    { wrap: (disk: Disk) => withoutSync(disk, (path) => path.startsWith(COPIES_DIR)) },
  ],
])('batches that %s: it is caught', async (_, broken) => {
  const caught = async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { states } = await takeoverStates({ seed, ...RUN, ...broken });
      for (const state of states) await checkTakeover(state);
    }
  };
  await expect(caught()).rejects.toThrow(/batch . \d+ is there 0|ingest log .* is damaged/);
});
