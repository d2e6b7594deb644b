import { type NodeMethods, type PartSource, shareMethods } from '../../cluster/index.js';
import { type Disk, type Logger, steadyClock } from '../../core/index.js';
import { QueryEngine, SpillSpace, type TableProvider } from '../../query/index.js';
import type { Config } from '../config.js';
import { openQueryCaches } from '../query-caches.js';
import type { ScanMeans } from './scan-means.js';

/** Whoever answers shares of queries is given their parts. */
const NO_TABLES: TableProvider = {
  snapshot: () => ({ parts: () => [], schema: () => null, release: () => undefined }),
  waitFor: async () => undefined,
};

/** Answers brokers: shares of queries over the parts that this node has. */
export function serveShares(
  config: Config,
  dataDir: string,
  { executor }: ScanMeans,
  {
    disk,
    logger,
    methods,
    source,
  }: {
    readonly disk: Disk;
    readonly logger: Logger;
    readonly methods: NodeMethods;
    readonly source: PartSource;
  },
): void {
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
