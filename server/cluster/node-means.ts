import {
  Announcer,
  announcementsMethod,
  type ClusterNodes,
  checkSecret,
  HttpCarrier,
  MetadataStore,
  NodeClient,
  NodeMethods,
  type NodeRecord,
  type ObjectStore,
  openDeepStorage,
  PackingThreads,
  PROTOCOL,
  readingBatchRunner,
  SegmentTransfer,
  SegmentWriter,
  secretText,
  TableFiles,
  TableOwners,
  type ToldTable,
  toldTableCodec,
} from '../../cluster/index.js';
import {
  type Disk,
  type Logger,
  RealDisk,
  systemClock,
  systemRandom,
  systemTimers,
  uuid,
} from '../../core/index.js';
import type { BatchRunner } from '../../ingest/index.js';
import type { Config } from '../config.js';
import { endProcess } from '../node.js';
import { VARVE_VERSION } from '../version.js';
import { batchesOf } from './batch-means.js';
import type { Closing } from './closing.js';
import type { ClusterConfig } from './cluster-config.js';
import { openStore, startNodes } from './cluster-store.js';
import { openScanMeans, type ScanMeans } from './scan-means.js';

/** What every role of a node stands on. */
export interface NodeMeans extends ScanMeans {
  readonly config: Config;
  readonly cluster: ClusterConfig;
  readonly dataDir: string;
  readonly disk: Disk;
  readonly logger: Logger;
  readonly closing: Closing;
  readonly self: NodeRecord;
  readonly store: MetadataStore;
  readonly clusterId: string;
  readonly nodes: ClusterNodes;
  readonly owners: TableOwners;
  readonly client: NodeClient;
  readonly methods: NodeMethods;
  readonly announcer: Announcer<ToldTable>;
  readonly deep: ObjectStore;
  readonly transfer: SegmentTransfer;
  readonly writer: SegmentWriter;
  /** Files of segments that tasks of this node read. */
  readonly files: TableFiles;
  /** Builds segments in threads of this process; the files are left in the data directory. */
  readonly build: BatchRunner;
}

/** Segments that are packed or unpacked at the same time. */
const PACKING_THREADS = 2;

/** Opens what a node stands on; `closing` has what was opened, also when it fails. */
export async function openNodeMeans(
  config: Config,
  cluster: ClusterConfig,
  dataDir: string,
  logger: Logger,
  closing: Closing,
): Promise<NodeMeans> {
  const disk = new RealDisk({ onFatal: (error) => endProcess(logger, error) });
  await lockDirectory(disk, dataDir, closing);
  const store = await openStore(cluster, disk);
  closing.add(() => store.close());
  const clusterId = String(await store.settings.once('cluster', 'id', uuid(systemRandom)));
  const self = recordOf(config, cluster);
  const storage = openStorage(cluster, dataDir, { disk, store, self, logger, closing });
  const means = openScanMeans(config, disk);
  closing.add(() => means.executor.close());
  const nodes = await startNodes(cluster, store, logger);
  closing.add(() => nodes.close());
  const batches = batchesOf(config, dataDir, disk);
  closing.add(() => batches.close());
  return {
    ...means,
    ...storage,
    ...openWire(cluster, clusterId, { disk, self, logger, closing }),
    config,
    cluster,
    dataDir,
    disk,
    logger,
    closing,
    self,
    store,
    clusterId,
    nodes,
    owners: new TableOwners(store.pushTables),
    build: readingBatchRunner(batches.run, storage.files),
  };
}

/** Nobody else may have it; what a process before this one left unfinished goes. */
async function lockDirectory(disk: Disk, dataDir: string, closing: Closing): Promise<void> {
  disk.makeDirectory(dataDir);
  const lock = await MetadataStore.open(
    { type: 'sqlite', path: `${dataDir}/node.db` },
    systemClock,
  );
  closing.add(() => lock.close());
  for (const left of ['tmp', 'made']) disk.removeTree(`${dataDir}/${left}`);
}

function recordOf(config: Config, cluster: ClusterConfig): NodeRecord {
  const { name, roles } = cluster;
  const isHistorical = roles.includes('historical');
  return {
    name,
    incarnation: uuid(systemRandom),
    roles,
    url: cluster.url ?? `http://${config.host}:${config.port}`,
    protocol: PROTOCOL,
    tier: isHistorical ? cluster.tier : '',
    priority: cluster.priority,
    capacityBytes: isHistorical ? cluster.diskBytes : 0,
    taskSlots: roles.includes('realtime') ? config.ingest.taskSlots : 0,
    version: VARVE_VERSION,
  };
}

type OwnMeans = Pick<NodeMeans, 'disk' | 'self' | 'logger' | 'closing'>;

/** How nodes call each other. */
function openWire(cluster: ClusterConfig, clusterId: string, own: OwnMeans) {
  const { disk, self, logger, closing } = own;
  const secret = checkSecret(
    secretText(cluster.secret, 'cluster.secret', { disk, environment: process.env }),
    'cluster.secret',
  );
  const wire = { self, cluster: clusterId, secret, timers: systemTimers, logger };
  const carrier = new HttpCarrier();
  closing.add(() => carrier.close());
  const methods = new NodeMethods(wire);
  const { incarnation } = self;
  const announcer = new Announcer<ToldTable>({ incarnation, timers: systemTimers });
  methods.add(announcementsMethod(announcer, toldTableCodec));
  return { client: new NodeClient(carrier, wire), methods, announcer };
}

/** Deep storage, and how segments get there and back. */
function openStorage(
  cluster: ClusterConfig,
  dataDir: string,
  { disk, store, self, logger, closing }: OwnMeans & Pick<NodeMeans, 'store'>,
) {
  const deep = openDeepStorage(cluster.deepStorage, {
    disk,
    timers: systemTimers,
    random: systemRandom,
    environment: process.env,
  });
  closing.add(() => deep.close());
  const packing = new PackingThreads(PACKING_THREADS);
  closing.add(() => packing.close());
  const transfer = new SegmentTransfer({
    disk,
    store: deep,
    packing: packing.run,
    random: systemRandom,
    temporaryDir: `${dataDir}/tmp/transfer`,
  });
  const { name: node, incarnation } = self;
  const { objects } = store;
  const writer = new SegmentWriter({ transfer, objects, writer: { node, incarnation }, logger });
  const files = new TableFiles({
    disk,
    directory: `${dataDir}/read`,
    transfer,
    logger,
    maxBytes: cluster.readBytes,
  });
  closing.add(() => files.close());
  return { deep, transfer, writer, files };
}

/** The URLs of the realtime nodes that live, by name. */
export const realtimeUrls = ({ nodes }: Pick<NodeMeans, 'nodes'>): ReadonlyMap<string, string> =>
  new Map(nodes.alive('realtime').map(({ name, url }) => [name, url]));
