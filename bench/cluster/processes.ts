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

export const { ClusterProcesses } =
  await scriptOf<typeof clusterProcesses>('cluster-processes.mjs');
export const { DruidClient, until } = await scriptOf<typeof druidClient>('druid-client.mjs');

/** Of every table; a question could go to one or another otherwise. */
const ONE_REPLICA = [{ type: 'loadForever', tieredReplicants: { _default_tier: 1 } }];

/** A broker, a coordinator, and historicals with a worker each; PostgreSQL for metadata, a folder for segments. Nothing of answers is kept. */
export async function startCluster(
  historicals: number,
  localRoots: readonly string[],
): Promise<Cluster> {
  const cluster = await ClusterProcesses.start({
    nodes: { broker: 1, coordinator: 1, historical: historicals },
    localRoots,
    config: { query: { workers: 1, cache: NO_CACHES } },
  });
  const leader = leaderOf(cluster);
  await until('a leader', async () => {
    await leader.post('/druid/coordinator/v1/rules/_default', ONE_REPLICA);
    return true;
  });
  return cluster;
}

/** Loads a table, and waits until historicals serve it. */
export async function loadTable(cluster: Cluster, spec: object, table: string): Promise<void> {
  await leaderOf(cluster).load(spec);
  await leaderOf(cluster).loaded(table, { allReplicas: true });
}

const leaderOf = (cluster: Cluster) => new DruidClient(cluster.of('coordinator')[0]!.url);

/** The time that the processes of a role have spent so far. */
export const cpuOf = (cluster: Cluster, role: 'broker' | 'historical' | 'realtime') => (): number =>
  cluster.of(role).reduce((sum, { pid }) => sum + cpuMsOf(pid), 0);
