import {
  type Announcer,
  HistoricalNode,
  historicalMethods,
  type NodeMethods,
  type PartSource,
  type SegmentTransfer,
  ShelfParts,
  type ToldTable,
} from '../../cluster/index.js';
import type { Disk, Logger } from '../../core/index.js';
import type { ClusterConfig } from './cluster-config.js';
import type { ScanMeans } from './scan-means.js';

export interface HistoricalRole {
  readonly node: HistoricalNode;
  readonly parts: PartSource;
  close(): Promise<void>;
}

/** A part of the disk that segments are not assigned to: those that are only asked for now and then get it. */
const COLD_SHARE = 0.1;

/** Holds published segments: those that the coordinator orders, and others that brokers ask for. */
export function startHistorical(
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
  for (const method of historicalMethods(node)) methods.add(method);
  return { node, parts, close: () => node.close() };
}
