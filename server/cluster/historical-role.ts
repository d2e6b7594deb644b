import {
  HistoricalNode,
  historicalMethods,
  type PartSource,
  ShelfParts,
} from '../../cluster/index.js';
import type { NodeMeans } from './node-means.js';

export interface HistoricalRole {
  readonly node: HistoricalNode;
  readonly parts: PartSource;
}

/** A part of the disk that segments are not assigned to: those that are only asked for now and then get it. */
const COLD_SHARE = 0.1;

/** Holds published segments: those that the coordinator orders, and others that brokers ask for. */
export function startHistorical(means: NodeMeans): HistoricalRole {
  const { cluster, dataDir, disk, logger, transfer, announcer, methods, cache, closing } = means;
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
  closing.add(() => node.close());
  parts = new ShelfParts(node, disk, cache);
  announcer.announce({ added: [...node.segments()].map(({ segment }) => segment.idText) });
  for (const method of historicalMethods(node)) methods.add(method);
  return { node, parts };
}
