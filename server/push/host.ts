import type { SegmentInventory } from '../../cluster/index.js';
import type { HostMethods } from '../../ingest/index.js';
import type { DeclaredTables } from './declared-tables.js';

/** What the push worker asks of the main thread: the metadata, and what queries see. */
export function pushHost(inventory: SegmentInventory, declared: DeclaredTables): HostMethods {
  const catalog = inventory.pushCatalog;
  return {
    async tables() {
      const tables = await catalog.tables();
      declared.restore(tables);
      return tables;
    },
    async declare({ name, spec, position }) {
      const version = await catalog.declare(name, spec, position);
      declared.declare(name, spec);
      return version;
    },
    open: ({ name, position }) => catalog.open(name, position),
    publish: (request) => catalog.publish(request),
    chunkIntervals: (dataSource) => inventory.chunkIntervals(dataSource),
    announce: (live) => inventory.announce(live),
  };
}
