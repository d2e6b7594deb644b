import { NotFoundError, UserError } from '../../../core/index.js';
import type { Config } from '../../config.js';
import type { VarveNode } from '../../node.js';
import type { ClusterView, Replicas, ViewedServer } from './cluster-view.js';

/** The tier of a single server. */
const TIER = '_default_tier';

/** As Druid names servers. */
export const serverName = ({ host, port }: Pick<Config, 'host' | 'port'>): string =>
  `${host}:${port}`;

/** A cluster of one: it leads, serves all that it can read, and wants one copy of it. */
export function singleServer({
  inventory,
  config,
  tasks,
}: Pick<VarveNode, 'inventory' | 'config' | 'tasks'>): ClusterView {
  const host = serverName(config);
  const one: Replicas = new Map([[TIER, 1]]);

  const server = (): ViewedServer => {
    const segments = inventory.dataSources().flatMap((name) => {
      const broken = new Set(inventory.unreadable());
      return inventory.placed(name).filter((segment) => !broken.has(segment));
    });
    return {
      host,
      tier: TIER,
      type: 'historical',
      priority: 0,
      maxSizeBytes: config.memory.segmentBytes,
      currSizeBytes: segments.reduce((bytes, { sealed }) => bytes + sealed.sizeBytes, 0),
      segments,
      toLoad: [],
      toDrop: [],
    };
  };
  return {
    isLeader: () => true,
    leader: (origin) => origin,
    isReady: () => true,
    nodes: () => [{ host: config.host, port: config.port }],
    servers: () => [server()],
    workers: () => {
      const running = tasks.active().map(({ id }) => id);
      const capacity = config.ingest.taskSlots;
      const usedCapacity = Math.min(capacity, running.length);
      return [{ host, capacity, usedCapacity, isEnabled: true, runningTasks: running }];
    },
    async setWorker(name, isEnabled) {
      if (name !== host)
        throw new NotFoundError(`there is no worker "${name}"; there is "${host}"`);
      if (isEnabled) return;
      throw new UserError(
        `"${host}" is the only server that runs tasks; shut down tasks at /druid/indexer/v1/task/{id}/shutdown instead`,
      );
    },
    async giveUp(node) {
      throw new NotFoundError(`there is no realtime node "${node}": this server is alone`);
    },
    dataSources: () => inventory.dataSources(),
    used: (name) => inventory.placed(name),
    wanted: async () => () => one,
  };
}
