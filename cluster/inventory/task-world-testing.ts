import { ManualClock, SeededRandom, silentLogger, VirtualDisk } from '../../core/index.js';
import { type Publisher, runBatchJob, TaskManager } from '../../ingest/index.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { DATA_DIR, openInventory } from './fixture-testing.js';
import { dataLayout } from './recovery.js';

export const NEW_YEAR_MS = Date.UTC(2024, 0, 1);

/** For tests: a node on a virtual disk, at the beginning of 2024; its tasks run in this thread. */
export async function taskWorld(
  beforePublish: () => Promise<unknown> = async () => undefined,
  slots = 1,
  declaredStarTrees: Publisher['declaredStarTrees'] = () => undefined,
) {
  const disk = new VirtualDisk();
  const clock = new ManualClock(NEW_YEAR_MS);
  const random = new SeededRandom(1);
  const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, clock);
  const inventory = await openInventory(disk, store, { declaredStarTrees });
  const { segmentsDir, temporaryDir } = dataLayout(DATA_DIR);
  const input = { disk, localRoots: [], httpHosts: [], fetch, maxEntityBytes: 1 << 23, clock };
  const environment = { input, disk, segmentsDir, temporaryDir, random, clock };
  const tasks = new TaskManager({
    store: store.tasks,
    publisher: inventory,
    remover: inventory,
    run: async (job) => {
      const result = await runBatchJob(job, environment);
      await beforePublish();
      return result;
    },
    input,
    clock,
    random,
    logger: silentLogger,
    slots: () => slots,
  });
  return {
    disk,
    store,
    inventory,
    tasks,
    clock,
    random,
    close: () => store.close(),
    async run(task: object) {
      clock.advance(1000);
      return tasks.wait(await tasks.submit(task));
    },
  };
}

export type TaskWorld = Awaited<ReturnType<typeof taskWorld>>;
