import {
  type Announcer,
  HistoricalNode,
  historicalMethods,
  type NodeMethods,
  type SegmentTransfer,
  ShelfParts,
  shareMethods,
  type ToldTable,
} from '../../cluster/index.js';
import { type Disk, type Logger, steadyClock } from '../../core/index.js';
import { QueryEngine, SpillSpace, type TableProvider } from '../../query/index.js';
import type { Config } from '../config.js';
import { openQueryCaches } from '../query-caches.js';
import type { ClusterConfig } from './cluster-config.js';
import type { ScanMeans } from './scan-means.js';

export interface HistoricalRole {
  close(): Promise<void>;
}

/** A part of the disk that segments are not assigned to: those that are only asked for now and then get it. */
const COLD_SHARE = 0.1;

/** Serves published segments: those that the coordinator orders, and others that brokers ask for. */
export function startHistorical(
  config: Config,
  cluster: ClusterConfig,
  dataDir: string,
  means: ScanMeans,
  {
    disk,
    logger,
    transfer,
    announcer,
    methods,
  }: {
    readonly disk: Disk;
    readonly logger: Logger;
    readonly transfer: SegmentTransfer;
    readonly announcer: Announcer<ToldTable>;
    readonly methods: NodeMethods;
  },
): HistoricalRole {
  let parts: ShelfParts | null = null;
  const { diskBytes } = cluster;
  const node = new HistoricalNode({
    disk,
    directory: `${dataDir}/shelf`,
    transfer,
    logger,
    maxBytes: diskBytes,
    coldBytes: Math.floor(COLD_SHARE * diskBytes),
    onChange({ kind, segment: { idText } }) {
      if (kind === 'added') announcer.announce({ added: [idText] });
      if (kind !== 'removed') return;
      announcer.announce({ removed: [idText] });
      parts?.forget(idText);
    },
  });
  parts = new ShelfParts(node, disk, means.cache);
  announcer.announce({ added: [...node.segments()].map(({ segment }) => segment.idText) });
  const limits = config.query;
  const engine = new QueryEngine({
    tables: NO_TABLES,
    executor: means.executor,
    clock: steadyClock,
    limits,
    logger,
    caches: openQueryCaches(limits.cache),
    spillSpace: new SpillSpace(disk, `${dataDir}/tmp/shares`, limits.maxSpillBytes),
  });
  for (const method of historicalMethods(node)) methods.add(method);
  for (const method of shareMethods(parts, engine.shares)) methods.add(method);
  return { close: () => node.close() };
}

/** Whoever answers shares of queries is given their parts. */
const NO_TABLES: TableProvider = {
  snapshot: () => ({ parts: () => [], schema: () => null, release: () => undefined }),
  waitFor: async () => undefined,
};
