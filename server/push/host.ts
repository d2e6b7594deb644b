import type { SegmentInventory } from '../../cluster/index.js';
import type { HostMethods } from '../../ingest/index.js';

/** What the push worker asks of the main thread: the metadata, and what queries see. */
export function pushHost(inventory: SegmentInventory): HostMethods {
  const catalog = inventory.pushCatalog;
  return {
    tables: () => catalog.tables(),
    declare: ({ name, spec, position }) => catalog.declare(name, spec, position),
    publish: (request) => catalog.publish(request),
    chunkIntervals: (dataSource) => inventory.chunkIntervals(dataSource),
    announce: (live) => inventory.announce(live),
  };
}
