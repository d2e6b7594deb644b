import type { StoredSegment } from '../../../cluster/index.js';
import type { JsonObject } from '../../../core/index.js';
import { formatInstant } from '../../../model/index.js';
import type { ViewedServer } from './cluster-view.js';
import { dataSegment } from './data-segment.js';

/** A segment and the servers that have it: there is at least one. */
export interface Copies {
  readonly segment: StoredSegment;
  readonly servers: readonly ViewedServer[];
}

/** What is served, of one table or of all. */
export function copiesOf(servers: readonly ViewedServer[], table?: string): Copies[] {
  const copies = new Map<string, { segment: StoredSegment; servers: ViewedServer[] }>();
  for (const server of servers) {
    for (const segment of server.segments) {
      if (table !== undefined && segment.id.dataSource !== table) continue;
      const known = copies.get(segment.idText);
      if (known === undefined) copies.set(segment.idText, { segment, servers: [server] });
      else known.servers.push(server);
    }
  }
  return [...copies.values()];
}

export const segmentsOf = (copies: readonly Copies[]): StoredSegment[] =>
  copies.map(({ segment }) => segment);

/** Where a segment is. */
export const located = ({ segment, servers }: Copies): JsonObject => ({
  metadata: dataSegment(segment),
  servers: servers.map(({ host }) => host),
});

/** What Druid tells of a server that holds segments. */
export const serverMetadata = ({ host, maxSizeBytes, type, tier, priority }: ViewedServer) => ({
  name: host,
  host,
  hostAndTlsPort: null,
  maxSize: maxSizeBytes,
  type: druidType(type),
  tier,
  priority,
});

/** Druid's word for a process that holds rows which are not published. */
export const druidType = (type: ViewedServer['type']): string =>
  type === 'realtime' ? 'indexer-executor' : type;

/** What a table is made of: sizes once for each segment, and for each copy. There is at least one segment. */
export function properties(copies: readonly Copies[]): JsonObject {
  const tiers = [...new Set(copies.flatMap(({ servers }) => servers.map(({ tier }) => tier)))];
  const ofTier = (tier: string): Copies[] =>
    copies.flatMap(({ segment, servers }) => {
      const there = servers.filter((server) => server.tier === tier);
      return there.length === 0 ? [] : [{ segment, servers: there }];
    });
  const { count, ...sizes } = sumsOf(copies);
  const starts = copies.map(({ segment }) => segment.id.interval.startMs);
  const ends = copies.map(({ segment }) => segment.id.interval.endMs);
  return {
    tiers: Object.fromEntries(
      tiers.map((tier) => {
        const { count: segmentCount, ...ofThose } = sumsOf(ofTier(tier));
        return [tier, { segmentCount, ...ofThose }];
      }),
    ),
    segments: {
      count,
      ...sizes,
      minTime: formatInstant(starts.reduce((a, b) => Math.min(a, b))),
      maxTime: formatInstant(ends.reduce((a, b) => Math.max(a, b))),
    },
  };
}

function sumsOf(copies: readonly Copies[]) {
  const sum = (bytesOf: (each: Copies) => number) =>
    copies.reduce((bytes, each) => bytes + bytesOf(each), 0);
  return {
    count: copies.length,
    size: sum(({ segment }) => segment.sealed.sizeBytes),
    replicatedSize: sum(({ segment, servers }) => segment.sealed.sizeBytes * servers.length),
  };
}
