import { ClusterNodes, MetadataStore, secretText } from '../../cluster/index.js';
import {
  type Disk,
  type Logger,
  realWait,
  steadyClock,
  systemClock,
  systemRandom,
  systemTimers,
} from '../../core/index.js';
import type { ClusterConfig } from './cluster-config.js';

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

/** Which nodes live, as the metadata show it; close it. */
export async function startNodes(
  { beatMs, lostAfterMs }: ClusterConfig,
  store: MetadataStore,
  logger: Logger,
): Promise<ClusterNodes> {
  const nodes = new ClusterNodes({
    table: store.nodes,
    clock: steadyClock,
    timers: systemTimers,
    logger,
    pollMs: beatMs,
    timeoutMs: lostAfterMs,
  });
  await nodes.start();
  return nodes;
}
