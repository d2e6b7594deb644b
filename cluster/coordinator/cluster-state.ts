import type { SegmentId } from '../../segments/index.js';
import type { Rule } from '../retention/rule.js';
import type { CoordinatorConfig } from './dynamic-config.js';

/** What duties ask about a segment that has a file. */
export interface KnownSegment {
  readonly id: SegmentId;
  /** Druid's text of the id. */
  readonly idText: string;
  readonly sizeBytes: number;
}

/** Why a server is told to do something: the first copy, one more of them, a copy that another server gives up, or to give one up. */
export type OrderKind = 'load' | 'replica' | 'move' | 'drop';

/** What a server was told and has not done yet. */
export interface QueuedOrder {
  readonly kind: OrderKind;
  readonly segment: KnownSegment;
}

/** What a server is told now. `cancel` takes back what waits in its queue. */
export interface Order {
  readonly server: string;
  readonly kind: OrderKind | 'cancel';
  readonly segment: KnownSegment;
}

/** A server as duties see it. */
export interface ServerState {
  readonly name: string;
  /** `host:port` */
  readonly host: string;
  readonly tier: string;
  /** Only historicals are told to load segments. */
  readonly type: 'historical' | 'realtime' | 'broker';
  readonly priority: number;
  readonly maxSizeBytes: number;
  /** What lies on it now. */
  readonly currSizeBytes: number;
  /** By id. */
  readonly served: ReadonlyMap<string, KnownSegment>;
  /** By id: at most one order of a segment at a time. */
  readonly queue: ReadonlyMap<string, QueuedOrder>;
  /** Ids of segments that it failed to load lately. */
  readonly avoids: ReadonlySet<string>;
}

/** What one round of the coordinator looks at. Servers that are lost are not in it. */
export interface ClusterState {
  readonly nowMs: number;
  readonly servers: readonly ServerState[];
  /** The segments that count, by id; tombstones, which have no file, are not among them. */
  readonly used: ReadonlyMap<string, KnownSegment>;
  /** By table, and `_default`. */
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
  readonly config: CoordinatorConfig;
}
