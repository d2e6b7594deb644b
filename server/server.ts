import { resolve } from 'node:path';
import { createLogger, UserError } from '../core/index.js';
import { startClusterNode } from './cluster/start-cluster.js';
import type { Config } from './config.js';
import { createApp } from './http/app.js';
import { listen } from './http/serve.js';
import { startNode, type VarveNode } from './node.js';

/** A process that answers. */
export interface Running {
  /** `http://127.0.0.1:8888` */
  readonly url: string;
  /** Lets running requests finish, then closes the node. */
  close(): Promise<void>;
}

/** A server that is all of Varve. */
export interface RunningServer extends Running {
  readonly node: VarveNode;
}

/** Starts what the configuration says: a node of a cluster, or a server that is all of it. */
export function start(config: Config): Promise<Running> {
  const { cluster } = config;
  if (cluster === undefined) return startServer(config);
  if (config.port === 0 && cluster.url === undefined) {
    throw new UserError('port: other nodes have to know it; give one above 0', 'request', 'port');
  }
  if (cluster.url === undefined && ANY_ADDRESS.test(config.host)) {
    throw new UserError(
      `cluster.url: other nodes cannot call ${config.host}; say where they reach this one, such as "http://10.0.0.7:${config.port}"`,
      'request',
      'cluster.url',
    );
  }
  const logger = createLogger({ level: config.logLevel, name: `varve ${cluster.name}` });
  return startClusterNode(config, cluster, resolve(config.dataDir), logger);
}

/** Listens everywhere, and is nowhere. */
const ANY_ADDRESS = /^(0\.0\.0\.0|::)$/;

/** Starts all roles on the configured data directory and listens. */
export async function startServer(config: Config): Promise<RunningServer> {
  const logger = createLogger({ level: config.logLevel, name: 'varve' });
  const node = await startNode(config, resolve(config.dataDir), logger);
  try {
    const { host, port } = config;
    const listener = await listen(createApp(node), { host, port, ...config.http });
    const close = async () => {
      await listener.close();
      await node.close();
    };
    return { url: listener.url, node, close };
  } catch (error) {
    await node.close();
    throw error;
  }
}
