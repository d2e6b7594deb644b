import { Hono } from 'hono';
import {
  Announcer,
  announcementsMethod,
  BrokerTables,
  ClusterNodes,
  checkSecret,
  Follower,
  HttpCarrier,
  httpHandler,
  Membership,
  MetadataStore,
  NodeClient,
  type NodeIdentity,
  NodeMethods,
  type NodeRecord,
  type OwnedTables,
  openDeepStorage,
  PackingThreads,
  PROTOCOL,
  PushRouter,
  readingBatchRunner,
  Scatter,
  SegmentTransfer,
  SegmentWriter,
  ServedNodes,
  secretText,
  TableFiles,
  TableOwners,
  type ToldTable,
  toldTableCodec,
} from '../../cluster/index.js';
import {
  type Disk,
  every,
  type Logger,
  RealDisk,
  realWait,
  steadyClock,
  systemClock,
  systemRandom,
  systemTimers,
  UnavailableError,
  uuid,
} from '../../core/index.js';
import type { Config } from '../config.js';
import { createApp } from '../http/app.js';
import { type MetricSource, scanMetrics } from '../http/metrics.js';
import { listen } from '../http/serve.js';
import { endProcess, sleep } from '../node.js';
import { DeclaredTables } from '../push/declared-tables.js';
import { VARVE_VERSION } from '../version.js';
import { batchesOf } from './batch-means.js';
import type { ClusterConfig } from './cluster-config.js';
import { historicalMetrics, memberMetrics, metadataMetrics } from './cluster-metrics.js';
import { dataApp } from './data-app.js';
import { type FrontRole, startFront } from './front-role.js';
import { startHistorical } from './historical-role.js';
import { lookupStateMethod } from './lookup-nodes.js';
import { startRealtime } from './realtime-role.js';
import { openScanMeans } from './scan-means.js';
import { partsOfBoth, serveShares } from './share-role.js';

/** A node that answers. */
export interface RunningNode {
  readonly url: string;
  /** Lets running requests finish, leaves the cluster, and closes. */
  close(): Promise<void>;
}

/** Segments that are packed or unpacked at the same time. */
const PACKING_THREADS = 2;

/** How long a node may work on the share of a query. */
const SHARE_DEADLINE_MS = 300_000;

/** Brokers have read the metadata once more by then, and asked by what they read. */
const POLLS_TO_HEAR = 5;

/** Nobody else is asked before a node has taken so long. */
const LEAST_HEDGE_MS = 100;

/** Starts a node of a cluster with the roles that it is configured for, and has it join the others. */
export async function startClusterNode(
  config: Config,
  cluster: ClusterConfig,
  dataDir: string,
  logger: Logger,
): Promise<RunningNode> {
  const disk = new RealDisk({ onFatal: (error) => endProcess(logger, error) });
  const { name, roles } = cluster;
  const environment = process.env;
  const closing: (() => Promise<void> | void)[] = [];
  const ending = new AbortController();
  const closeAll = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    disk.makeDirectory(dataDir);
    // Nobody else may have the directory.
    const lock = await MetadataStore.open(
      { type: 'sqlite', path: `${dataDir}/node.db` },
      systemClock,
    );
    closing.push(() => lock.close());
    const store = await openStore(cluster, disk);
    closing.push(() => store.close());
    const id = String(await store.settings.once('cluster', 'id', uuid(systemRandom)));
    const secret = checkSecret(
      secretText(cluster.secret, 'cluster.secret', { disk, environment }),
      'cluster.secret',
    );
    const self: NodeIdentity = { name, incarnation: uuid(systemRandom), roles };
    const wire = { self, cluster: id, secret, timers: systemTimers, logger };
    const carrier = new HttpCarrier();
    closing.push(() => carrier.close());
    const client = new NodeClient(carrier, wire);
    const methods = new NodeMethods(wire);
    const deep = openDeepStorage(cluster.deepStorage, {
      disk,
      timers: systemTimers,
      random: systemRandom,
      environment,
    });
    closing.push(() => deep.close());
    disk.removeTree(`${dataDir}/tmp`);
    disk.removeTree(`${dataDir}/made`);
    const packing = new PackingThreads(PACKING_THREADS);
    closing.push(() => packing.close());
    const transfer = new SegmentTransfer({
      disk,
      store: deep,
      packing: packing.run,
      random: systemRandom,
      temporaryDir: `${dataDir}/tmp/transfer`,
    });
    const writer = new SegmentWriter({
      transfer,
      objects: store.objects,
      writer: { node: name, incarnation: self.incarnation },
      logger,
    });
    const means = openScanMeans(config, disk);
    closing.push(() => means.executor.close());
    const nodes = new ClusterNodes({
      table: store.nodes,
      clock: steadyClock,
      timers: systemTimers,
      logger,
      pollMs: cluster.beatMs,
      timeoutMs: cluster.lostAfterMs,
    });
    await nodes.start();
    closing.push(() => nodes.close());
    const counting: MetricSource[] = [() => memberMetrics(nodes, methods)];
    const { counts } = store;
    if (counts !== null) counting.push(() => metadataMetrics(counts));
    const announcer = new Announcer<ToldTable>({
      incarnation: self.incarnation,
      timers: systemTimers,
    });
    methods.add(announcementsMethod(announcer, toldTableCodec));
    const record: NodeRecord = {
      ...self,
      url: cluster.url ?? `http://${config.host}:${config.port}`,
      protocol: PROTOCOL,
      tier: roles.includes('historical') ? cluster.tier : '',
      priority: cluster.priority,
      capacityBytes: roles.includes('historical') ? cluster.diskBytes : 0,
      taskSlots: roles.includes('realtime') ? config.ingest.taskSlots : 0,
      version: VARVE_VERSION,
    };
    const { put } = writer;
    const files = new TableFiles({
      disk,
      directory: `${dataDir}/read`,
      transfer,
      logger,
      maxBytes: cluster.readBytes,
    });
    closing.push(() => files.close());
    const batches = batchesOf(config, dataDir, disk);
    closing.push(() => batches.close());
    const build = readingBatchRunner(batches.run, files);
    const owners = new TableOwners(store.pushTables);
    const realtimeUrls = () =>
      new Map(nodes.alive('realtime').map((node) => [node.name, node.url] as const));
    const historical = roles.includes('historical')
      ? startHistorical(cluster, dataDir, means, { disk, logger, transfer, announcer, methods })
      : null;
    if (historical !== null) {
      closing.push(() => historical.close());
      counting.push(() => historicalMetrics(historical.node));
    }
    const realtime = roles.includes('realtime')
      ? await startRealtime(config, dataDir, {
          ...means,
          self: record,
          disk,
          logger,
          store,
          announcer,
          methods,
          owners,
          put,
          release: (segments) => writer.release(segments),
          build,
          others: () => [...realtimeUrls().keys()].filter((other) => other !== name),
        })
      : null;
    if (realtime !== null) closing.push(() => realtime.close());
    const sources = [historical?.parts, realtime?.parts].filter((each) => each !== undefined);
    if (sources.length > 0) {
      const source = sources.reduce(partsOfBoth);
      serveShares(config, dataDir, means, { disk, logger, methods, source });
    }
    // Pushes can be sent to every node that clients may ask.
    const isFront = roles.some((role) => role !== 'historical');
    let front: FrontRole | null = null;
    if (isFront) {
      const declared = new DeclaredTables();
      const catalog = store.pushTables.ofLog(name);
      const follower = new Follower<ToldTable>({
        nodes,
        client,
        codec: toldTableCodec,
        timers: systemTimers,
        random: systemRandom,
        logger,
        onChange: ({ isLiveChanged }) => {
          if (isLiveChanged) void refresh();
        },
      });
      const scatter = new Scatter({
        client,
        nodes: new ServedNodes(nodes, follower.view),
        clock: steadyClock,
        timers: systemTimers,
        deadlineMs: SHARE_DEADLINE_MS,
        leastHedgeMs: LEAST_HEDGE_MS,
      });
      const tables = new BrokerTables({
        changes: store.changes,
        told: () => follower.view.nodes(),
        clock: steadyClock,
        holder: scatter,
        declared: (dataSource) => declared.columns(dataSource),
        onChange: async () => declared.restore(await catalog.tables()),
      });
      const router = new PushRouter({
        self: name,
        owners,
        tables: store.pushTables,
        client,
        own: realtime?.owned ?? null,
        nodes: realtimeUrls,
        timers: systemTimers,
        signal: ending.signal,
        onDeclared: () => tables.refresh(),
      });
      const refresh = () =>
        tables.refresh().catch((err: unknown) => {
          logger.warn({ err }, 'the metadata could not be read; they are read again');
        });
      await tables.refresh();
      follower.start();
      closing.push(() => follower.close());
      closing.push(every(cluster.pollMs, () => void refresh()));
      front = await startFront(config, cluster, dataDir, {
        ...means,
        self: record,
        disk,
        logger,
        store,
        client,
        nodes,
        follower,
        tables,
        scatter,
        declared,
        router,
        build,
        put,
        deep,
        clusterId: id,
        files,
      });
      const { node } = front;
      closing.push(() => node.close());
      methods.add(lookupStateMethod(node.lookups));
      counting.push(front.metrics);
    } else {
      const { segmentBytes } = config.memory;
      counting.push(() => scanMetrics(means.cache, means.executor.parallelism, segmentBytes));
    }
    const metrics = async () => (await Promise.all(counting.map((count) => count()))).flat();
    const app = new Hono({ strict: false });
    const handle = httpHandler(methods);
    app.post('/varve/internal/*', (context) => handle(context.req.raw));
    app.route('/', front === null ? dataApp(metrics) : createApp(front.node, front.view, metrics));
    const { host, port } = config;
    const listener = await listen(app, { host, port, ...config.http });
    closing.push(() => listener.close());
    const membership = await Membership.join(record, {
      table: store.nodes,
      timers: systemTimers,
      logger,
      beatMs: cluster.beatMs,
      onReplaced: (error) => endProcess(logger, error),
    });
    closing.push(() => membership.leave());
    if (realtime !== null) closing.push(() => leaveTables(realtime.owned, cluster, logger));
    closing.push(() => ending.abort(new UnavailableError('this node ends')));
    return { url: listener.url, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Gives tables away, and stays until brokers have heard of it. What takes too long stays in the log of this node. */
async function leaveTables(
  owned: OwnedTables,
  { pollMs, drainMs }: ClusterConfig,
  logger: Logger,
): Promise<void> {
  const isDone = await Promise.race([
    owned.drain().then(() => true),
    sleep(drainMs).then(() => false),
  ]);
  if (!isDone) logger.warn({ drainMs }, 'not all rows could be published in time');
  await sleep(POLLS_TO_HEAR * pollMs);
}

/** The metadata that all nodes of the cluster share. */
export function openStore({ metadata }: ClusterConfig, disk: Disk): Promise<MetadataStore> {
  const { url: place, schema, maxConnections } = metadata;
  const url =
    typeof place === 'string'
      ? place
      : secretText(place, 'cluster.metadata.url', { disk, environment: process.env });
  return MetadataStore.open(
    {
      type: 'postgres',
      url,
      ...(schema !== undefined && { schema }),
      ...(maxConnections !== undefined && { maxConnections }),
    },
    systemClock,
    { random: systemRandom, steady: steadyClock, wait: realWait },
  );
}
