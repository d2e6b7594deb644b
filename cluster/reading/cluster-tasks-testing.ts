import { ManualClock, SeededRandom, silentLogger, VirtualDisk } from '../../core/index.js';
import { type BatchRunner, runBatchJob, TaskManager } from '../../ingest/index.js';
import { BrokerTables } from '../broker/broker-tables.js';
import { ClusterInventory } from '../broker/cluster-inventory.js';
import { NEW_YEAR_MS } from '../inventory/task-world-testing.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { putSegments } from '../realtime/put-segments.js';
import { MemoryStore } from '../storage/memory-store-testing.js';
import { packingOn } from '../storage/packing.js';
import { SegmentTransfer } from '../storage/segment-transfer.js';
import { SegmentWriter } from '../storage/segment-writer.js';
import { readingBatchRunner } from './reading-runner.js';
import { TableFiles } from './table-files.js';

const nobody = (): never => {
  throw new Error('nothing is scanned here');
};

/** For tests: the leader of a cluster whose deep storage is in memory; its tasks run in this thread, as those of `taskWorld` do. */
export async function clusterTaskWorld(maxBytes = 1 << 24) {
  const disk = new VirtualDisk();
  const clock = new ManualClock(NEW_YEAR_MS);
  const random = new SeededRandom(1);
  const deep = new MemoryStore();
  const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, clock);
  const packing = packingOn(disk);
  const transfer = new SegmentTransfer({
    disk,
    store: deep,
    packing,
    random,
    temporaryDir: '/tmp',
  });
  const logger = silentLogger;
  const writer = new SegmentWriter({
    transfer,
    objects: store.objects,
    writer: { node: 'n', incarnation: '1' },
    logger,
  });
  const files = new TableFiles({ disk, directory: '/read', transfer, logger, maxBytes });
  const tables = new BrokerTables({
    changes: store.changes,
    told: () => [],
    holder: { scan: nobody, analyse: nobody },
    declared: () => null,
  });
  const inventory = new ClusterInventory({
    tables,
    store: () => store,
    declaredStarTrees: () => undefined,
    directory: (segment, signal) => files.directory(segment, signal),
  });
  const input = { disk, localRoots: [], httpHosts: [], fetch, maxEntityBytes: 1 << 23, clock };
  const environment = { input, disk, segmentsDir: '/made', temporaryDir: '/work', random, clock };
  const build = readingBatchRunner((job) => runBatchJob(job, environment), files);
  const run: BatchRunner = async (job) => {
    const result = await build(job);
    const { dataSource } = job.spec;
    const { put } = writer;
    const segments = await putSegments(put, dataSource, result.segments, job.signal, job.taskId);
    for (const { sealed } of result.segments) disk.remove(sealed.path);
    return { ...result, segments };
  };
  const tasks = new TaskManager({
    store: store.tasks,
    publisher: inventory,
    remover: inventory,
    run,
    input,
    clock,
    random,
    logger,
    slots: () => 1,
  });
  return {
    disk,
    store,
    deep,
    files,
    inventory,
    tasks,
    clock,
    async close() {
      await files.close();
      await store.close();
    },
    async run(task: object) {
      clock.advance(1000);
      return tasks.wait(await tasks.submit(task));
    },
  };
}
