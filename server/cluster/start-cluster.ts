import { Hono } from 'hono';
import { httpHandler, Membership } from '../../cluster/index.js';
import { type Logger, systemTimers } from '../../core/index.js';
import type { Config } from '../config.js';
import { createApp } from '../http/app.js';
import { type MetricSource, scanMetrics } from '../http/metrics.js';
import { listen } from '../http/serve.js';
import { endProcess, sleep } from '../node.js';
import { Closing } from './closing.js';
import type { ClusterConfig } from './cluster-config.js';
import {
  historicalMetrics,
  memberMetrics,
  metadataMetrics,
  pushLogMetrics,
} from './cluster-metrics.js';
import { followTables } from './cluster-tables.js';
import { dataApp } from './data-app.js';
import { startFront } from './front-role.js';
import { startHistorical } from './historical-role.js';
import { lookupStateMethod } from './lookup-nodes.js';
import { type NodeMeans, openNodeMeans } from './node-means.js';
import { startRealtime } from './realtime-role.js';
import { partsOfBoth, serveShares } from './share-role.js';

/** A node that answers. */
export interface RunningNode {
  readonly url: string;
  /** Lets running requests finish, leaves the cluster, and closes. */
  close(): Promise<void>;
}

/** Brokers have read the metadata once more by then, and asked by what they read. */
const POLLS_TO_HEAR = 5;

/** Starts a node of a cluster with the roles that it is configured for, and has it join the others. */
export async function startClusterNode(
  config: Config,
  cluster: ClusterConfig,
  dataDir: string,
  logger: Logger,
): Promise<RunningNode> {
  const closing = new Closing();
  try {
    const means = await openNodeMeans(config, cluster, dataDir, logger, closing);
    const { app, leave } = await startRoles(means);
    const handle = httpHandler(means.methods);
    const root = new Hono({ strict: false });
    root.post('/varve/internal/*', (context) => handle(context.req.raw));
    root.route('/', app);
    const { host, port } = config;
    const listener = await listen(root, { host, port, ...config.http });
    closing.add(() => listener.close());
    await join(means);
    if (leave !== null) closing.add(() => leaveTables(leave, cluster, logger));
    return { url: listener.url, close: () => closing.close() };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

interface StartedRoles {
  /** The HTTP API. */
  readonly app: Hono;
  /** Gives away what only this node has; null: that is nothing. */
  readonly leave: (() => Promise<void>) | null;
}

async function startRoles(means: NodeMeans): Promise<StartedRoles> {
  const { config, cluster, cache, executor, store, nodes, methods } = means;
  const { roles } = cluster;
  const counting: MetricSource[] = [() => memberMetrics(nodes, methods)];
  const { counts } = store;
  if (counts !== null) counting.push(() => metadataMetrics(counts));
  const historical = roles.includes('historical') ? startHistorical(means) : null;
  if (historical !== null) counting.push(() => historicalMetrics(historical.node));
  const realtime = roles.includes('realtime') ? await startRealtime(means) : null;
  const sources = [historical?.parts, realtime?.parts].filter((each) => each !== undefined);
  if (sources.length > 0) serveShares(means, sources.reduce(partsOfBoth));
  if (realtime !== null) counting.push(() => pushLogMetrics(realtime, cluster.pushCopies));
  const owned = realtime?.owned ?? null;
  const leave = realtime?.leave ?? null;
  const metrics = async () => (await Promise.all(counting.map((count) => count()))).flat();
  // Pushes can be sent to every node that clients may ask.
  if (roles.every((role) => role === 'historical')) {
    const { segmentBytes } = config.memory;
    counting.push(() => scanMetrics(cache, executor.parallelism, segmentBytes));
    return { app: dataApp(metrics), leave };
  }
  const front = await startFront({ ...means, ...(await followTables(means, owned)) });
  methods.add(lookupStateMethod(front.node.lookups));
  counting.push(front.metrics);
  return { app: createApp(front.node, front.view, metrics), leave };
}

async function join({ self, store, cluster, logger, closing }: NodeMeans): Promise<void> {
  const membership = await Membership.join(self, {
    table: store.nodes,
    timers: systemTimers,
    logger,
    beatMs: cluster.beatMs,
    onReplaced: (error) => endProcess(logger, error),
  });
  closing.add(() => membership.leave());
}

/** Gives tables away, and stays until brokers have heard of it. What takes too long is left to a standby of this node's log. */
async function leaveTables(
  leave: () => Promise<void>,
  { pollMs, drainMs }: ClusterConfig,
  logger: Logger,
): Promise<void> {
  const isDone = await Promise.race([leave().then(() => true), sleep(drainMs).then(() => false)]);
  if (!isDone) logger.warn({ drainMs }, 'not all rows could be published in time');
  await sleep(POLLS_TO_HEAR * pollMs);
}
