import type { PushLogs, PushTables } from '../../cluster/index.js';
import {
  ConflictError,
  type Disk,
  NotFoundError,
  pause,
  silentLogger,
  systemTimers,
} from '../../core/index.js';
import type { ClusterConfig } from './cluster-config.js';
import { openStore, startNodes } from './cluster-store.js';

export interface GiveUpOptions {
  readonly pushTables: Pick<PushTables, 'owners' | 'logs' | 'giveUp'>;
  readonly pushLogs: Pick<PushLogs, 'list'>;
  isAlive(node: string): boolean;
}

/**
 * What only this realtime node has is lost from now on: see `PushTables.giveUp`. Gives the tables that may lack rows. Throws ConflictError
 * while the node, or one that has its rows, lives; NotFoundError for one that nothing is lost of.
 */
export async function giveUpNode(options: GiveUpOptions, name: string): Promise<readonly string[]> {
  const { pushTables, pushLogs, isAlive } = options;
  if (isAlive(name)) {
    throw new ConflictError(
      `the node "${name}" lives; stop it, and it gives its tables away itself`,
    );
  }
  const owners = await pushTables.owners();
  const logs = await pushTables.logs();
  const states = await pushLogs.list();
  const state = states.find(({ log }) => log === name);
  const savior = [state?.holder ?? name, ...(state?.standbys ?? [])].find(isAlive);
  if (savior !== undefined) {
    throw new ConflictError(
      `the node "${savior}" has the rows of "${name}" and publishes them; wait until its tables have moved`,
    );
  }
  const isKnown =
    [...owners.values()].some(({ node }) => node === name) ||
    logs.some(({ log }) => log === name) ||
    states.some(({ holder }) => holder === name);
  if (!isKnown) throw new NotFoundError(`no table is of a node "${name}"`);
  return pushTables.giveUp(name);
}

/** The same from outside of the cluster, where no node that can be asked is left: who beats is watched for `lostAfterMs` first. */
export async function giveUpByMetadata(
  cluster: ClusterConfig,
  disk: Disk,
  name: string,
): Promise<readonly string[]> {
  const store = await openStore(cluster, disk);
  const { pushTables, pushLogs } = store;
  try {
    const nodes = await startNodes(cluster, store, silentLogger);
    const { signal } = new AbortController();
    await pause(systemTimers, cluster.lostAfterMs + 2 * cluster.beatMs, signal);
    nodes.close();
    const isAlive = (node: string) => nodes.node(node) !== null;
    return await giveUpNode({ pushTables, pushLogs, isAlive }, name);
  } finally {
    await store.close();
  }
}
