import { resolve } from 'node:path';
import { createLogger } from '../core/index.js';
import type { Config } from './config.js';
import { createApp } from './http/app.js';
import { listen } from './http/serve.js';
import { startNode, type VarveNode } from './node.js';

/** A server that answers. */
export interface RunningServer {
  /** `http://127.0.0.1:8888` */
  readonly url: string;
  readonly node: VarveNode;
  /** Lets running requests finish, then closes the node. */
  close(): Promise<void>;
}

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
