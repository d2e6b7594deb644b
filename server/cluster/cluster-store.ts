import { MetadataStore, secretText } from '../../cluster/index.js';
import { type Disk, realWait, steadyClock, systemClock, systemRandom } from '../../core/index.js';
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
