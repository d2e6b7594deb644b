import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as clusterProcesses from '../../test/cluster/cluster-processes.mjs';
import type * as druidClient from '../../test/cluster/druid-client.mjs';
import { cpuMsOf } from '../cpu-time.js';
import { NO_CACHES } from '../no-caches.js';
import { REPOSITORY } from '../query/peer.js';

export type Cluster = clusterProcesses.ClusterProcesses;

/** They are not built: what starts clusters for tests starts them here. */
const scriptOf = <Module>(name: string): Promise<Module> =>
  import(pathToFileURL(join(REPOSITORY, 'test', 'cluster', name)).href);

const { ClusterProcesses } = await scriptOf<typeof clusterProcesses>('cluster-processes.mjs');
export const { DruidClient } = await scriptOf<typeof druidClient>('druid-client.mjs');

/** A broker, a coordinator, and historicals with a worker each; PostgreSQL for metadata, a folder for segments. Nothing of answers is kept. */
export const startCluster = (historicals: number, localRoots: readonly string[]) =>
  ClusterProcesses.start({
    nodes: { broker: 1, coordinator: 1, historical: historicals },
    localRoots,
    config: { query: { workers: 1, cache: NO_CACHES } },
  });

/** Loads a table, and waits until historicals serve it. */
export async function loadTable(cluster: Cluster, spec: object, table: string): Promise<void> {
  const leader = new DruidClient(cluster.of('coordinator')[0]!.url);
  await leader.load(spec);
  await leader.loaded(table, { allReplicas: true });
}

/** The time that the processes of a role have spent so far. */
export const cpuOf = (cluster: Cluster, role: 'broker' | 'historical') => (): number =>
  cluster.of(role).reduce((sum, { pid }) => sum + cpuMsOf(pid), 0);
