import { type PartSource, shareMethods } from '../../cluster/index.js';
import { steadyClock } from '../../core/index.js';
import { QueryEngine, SpillSpace, type TableProvider } from '../../query/index.js';
import { openQueryCaches } from '../query-caches.js';
import type { NodeMeans } from './node-means.js';

/** Whoever answers shares of queries is given their parts. */
const NO_TABLES: TableProvider = {
  snapshot: () => ({ parts: () => [], schema: () => null, release: () => undefined }),
  waitFor: async () => undefined,
};

/** Answers brokers: shares of queries over the parts that this node has. */
export function serveShares(means: NodeMeans, source: PartSource): void {
  const { config, dataDir, disk, logger, methods, executor } = means;
  const limits = config.query;
  const engine = new QueryEngine({
    tables: NO_TABLES,
    executor,
    clock: steadyClock,
    limits,
    logger,
    caches: openQueryCaches(limits.cache),
    spillSpace: new SpillSpace(disk, `${dataDir}/tmp/shares`, limits.maxSpillBytes),
  });
  for (const method of shareMethods(source, engine.shares)) methods.add(method);
}

/** A part is in the one place or in the other. */
export const partsOfBoth = (first: PartSource, second: PartSource): PartSource => ({
  open: async (ref, signal) => (await first.open(ref, signal)) ?? second.open(ref, signal),
});
