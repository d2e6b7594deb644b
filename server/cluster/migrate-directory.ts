import {
  copySqlite,
  dataLayout,
  MetadataStore,
  type MigrationPlan,
  migrateInto,
  openDeepStorage,
  PackingThreads,
  type PushNode,
  planMigration,
  SegmentTransfer,
  type StoredSegment,
} from '../../cluster/index.js';
import {
  type Disk,
  systemClock,
  systemRandom,
  systemTimers,
  UserError,
  uuid,
} from '../../core/index.js';
import type { Config } from '../config.js';
import { type ClusterConfig, givenCluster } from './cluster-config.js';
import { openStore } from './cluster-store.js';

export interface MigrateOptions {
  /** The data directory of a server that is not running. */
  readonly from: string;
  /** Of any node of the cluster; where rows were pushed, of the realtime node that is to take them. */
  readonly config: Config;
  /** The data directory of that node. */
  readonly nodeDir: string;
  /** For files on their way. */
  readonly workDir: string;
  readonly disk: Disk;
  readonly parallel: number;
  /** Only to look what there is to do. */
  readonly isDryRun: boolean;
  readonly onPlan: (plan: MigrationPlan) => void;
  readonly onCopied: (segment: StoredSegment, isNew: boolean) => void;
}

/**
 * Moves a data directory into a cluster: see `migrateInto`. Throws UserError or ConflictError that says what is in the way, and
 * UnavailableError when a server runs on the directory, or metadata or deep storage cannot be reached.
 */
export async function migrateDirectory(
  options: MigrateOptions,
  signal: AbortSignal,
): Promise<MigrationPlan> {
  const { from, disk, config, isDryRun } = options;
  const cluster = givenCluster(config.cluster);
  const ownDir = `${options.workDir}/${uuid(systemRandom)}`;
  const closing: (() => Promise<void> | void)[] = [];
  try {
    checkDirectory(disk, from);
    disk.makeDirectory(ownDir);
    closing.push(() => disk.removeTree(ownDir));
    const copyPath = `${ownDir}/metadata.db`;
    const lock = await copySqlite(dataLayout(from).metadataPath, copyPath);
    closing.push(() => lock.release());
    const source = await MetadataStore.open({ type: 'sqlite', path: copyPath }, systemClock);
    closing.push(() => source.close());
    const target = await openStore(cluster, disk);
    closing.push(() => target.close());
    const pushNode = pushNodeOf(cluster, options.nodeDir);
    const plan = await planMigration({ source, dataDir: from, target, disk, pushNode });
    options.onPlan(plan);
    if (plan.isDone || isDryRun) return plan;
    if (plan.pushNode !== null) closing.push(await lockNode(disk, options.nodeDir));
    const store = openDeepStorage(cluster.deepStorage, {
      disk,
      timers: systemTimers,
      random: systemRandom,
      environment: process.env,
    });
    closing.push(() => store.close());
    const { parallel, onCopied } = options;
    const threads = new PackingThreads(parallel);
    closing.push(() => threads.close());
    const transfer = new SegmentTransfer({
      disk,
      store,
      packing: threads.run,
      random: systemRandom,
      temporaryDir: `${ownDir}/packed`,
    });
    const world = { dataDir: from, target, disk, transfer, store, workDir: ownDir };
    await migrateInto(plan, { ...world, parallel, onCopied }, signal);
    return plan;
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

function checkDirectory(disk: Disk, from: string): void {
  if (disk.stat(dataLayout(from).metadataPath) !== null) return;
  const isNode = disk.stat(`${from}/node.db`) !== null;
  throw new UserError(
    isNode
      ? `--from: ${from} is the data directory of a node of a cluster, whose metadata and segments are in the cluster already`
      : `--from: ${from} is no data directory of Varve: it has no metadata.db`,
  );
}

/** A node takes the push log over when it is a realtime node. */
function pushNodeOf({ name, roles }: ClusterConfig, nodeDir: string): PushNode | null {
  return roles.includes('realtime') ? { name, logDir: dataLayout(nodeDir).pushLogDir } : null;
}

/** Keeps the node from running meanwhile; throws UnavailableError when it does. */
async function lockNode(disk: Disk, nodeDir: string): Promise<() => Promise<void>> {
  disk.makeDirectory(nodeDir);
  const place = { type: 'sqlite', path: `${nodeDir}/node.db` } as const;
  const lock = await MetadataStore.open(place, systemClock);
  return () => lock.close();
}
