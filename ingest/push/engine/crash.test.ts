import { expect, test, vi } from 'vitest';
import type { CrashRule, Disk } from '../../../core/index.js';
import { SEED } from '../../../core/testing.js';
import { DiskCatalog } from '../catalog-testing.js';
import type { HandoffRequest } from '../types.js';
import { checkState, crashStates, cutAgain, faultState, withoutSync } from './crash-testing.js';
import { CATALOG_PATH, ROOMY_LIMITS } from './node-testing.js';

/** Disks to be recovered, about. */
const STATES = Number(process.env.VARVE_CRASH_STATES ?? 90);
/** Of few that are wanted, one of so many that two lives leave. */
const STRIDE = STATES < 1000 ? 12 : 1;
const RULES: readonly CrashRule[] = ['synced-only', 'everything', 'torn-last', { random: 0.5 }];
const STEPS = 8;

/** Append, roll, piece, seal, publish, trim: calls at which power is cut. */
const STEPS_OF_LIFE = [
  '(write /data/push',
  '(rename /data/push',
  '(write /data/pieces',
  '(sync /data/segments',
  '(rename /data/metadata',
  '(remove /data/push',
];

/** So little that live rows are sealed to pieces again and again. */
const SHORT_OF_MEMORY = { ...ROOMY_LIMITS, memoryBytes: 20_000 };

const statesOf = (seed: number) =>
  crashStates(
    { seed, steps: STEPS, limits: seed % 2 === 0 ? ROOMY_LIMITS : SHORT_OF_MEMORY },
    RULES,
  );

// Only against hanging: many times what the disks take.
vi.setConfig({ testTimeout: 300_000 + 60 * STATES });

test(`a power cut at any call: nothing acknowledged is lost, nothing is there twice; seed ${SEED}`, async () => {
  let count = 0;
  for (let seed = SEED; count < STATES || seed < SEED + 2; seed++) {
    for (const state of await statesOf(seed)) {
      if (count++ % STRIDE === 0) await checkState(state);
    }
  }
});

test('such lives have all that can come to pass', async () => {
  const states = [...(await statesOf(1)), ...(await statesOf(2))];
  const missing = STEPS_OF_LIFE.filter((step) => !states.some(({ at }) => at.includes(step)));
  expect(missing).toEqual([]);
});

test(`a recovery that is cut is recovered, three deep; seed ${SEED}`, async () => {
  let count = 0;
  for (let seed = SEED; count < STATES / 20; seed++) {
    for (const state of await crashStates({ seed, steps: STEPS }, [{ random: 0.5 }])) {
      if (count++ % 8 === 0) await checkState(await cutAgain(state, 3));
    }
  }
});

test(`a disk that refuses calls and heals: what is refused is not there, what is taken is; seed ${SEED}`, async () => {
  for (let i = 0; i < STATES / 10; i++) {
    const first = (i * 7) % 120;
    await checkState(await faultState({ seed: SEED + i, steps: STEPS }, first, 1 + (i % 9)));
  }
});

/** Says that a handoff is published, and publishes it with the next one. */
class HastyCatalog extends DiskCatalog {
  #waiting: HandoffRequest | null = null;

  override async publish(request: HandoffRequest): Promise<void> {
    if (this.#waiting !== null) await super.publish(this.#waiting);
    this.#waiting = request;
  }
}

test.each([
  [
    'acknowledges before the log is synced',
    { wrap: (disk: Disk) => withoutSync(disk, (path) => path.startsWith('/data/push')) },
    /ingest log .* is damaged/,
  ],
  [
    'publishes before the segments are synced',
    { wrap: (disk: Disk) => withoutSync(disk, (path) => path.startsWith('/data/segments')) },
    /segment file .* is damaged/,
  ],
  [
    'trims the log before the handoff is published',
    { catalog: (disk: Disk) => new HastyCatalog(disk, CATALOG_PATH) },
    /batch . \d+ is there 0/,
  ],
])(
  'an engine that %s is caught',
  async (_, broken, found) => {
    const caught = async () => {
      for (let seed = 1; seed <= 40; seed++) {
        const run = { seed, steps: 3 * STEPS, ...broken };
        for (const state of await crashStates(run, ['synced-only'])) await checkState(state);
      }
    };
    await expect(caught()).rejects.toThrow(found);
  },
  120_000,
);
