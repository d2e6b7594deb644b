import type { StoredSegment } from '../../../cluster/index.js';
import type { LookupState } from '../../lookups/lookup-state.js';

/** A server that holds segments, as clients see it. */
export interface ViewedServer {
  /** `host:port` */
  readonly host: string;
  readonly tier: string;
  readonly type: 'historical' | 'realtime' | 'broker';
  readonly priority: number;
  readonly maxSizeBytes: number;
  readonly currSizeBytes: number;
  /** The published segments that it serves. */
  readonly segments: readonly StoredSegment[];
  /** What it was told and has not done yet. */
  readonly toLoad: readonly StoredSegment[];
  readonly toDrop: readonly StoredSegment[];
}

/** A node that runs tasks. */
export interface ViewedWorker {
  /** `host:port` */
  readonly host: string;
  readonly capacity: number;
  readonly usedCapacity: number;
  readonly isEnabled: boolean;
  /** Ids. */
  readonly runningTasks: readonly string[];
}

/** The roles of Druid's processes. */
export const ROLES = [
  'coordinator',
  'overlord',
  'broker',
  'historical',
  'middleManager',
  'router',
] as const;

export type Role = (typeof ROLES)[number];

/** How many replicas each tier is to have. */
export type Replicas = ReadonlyMap<string, number>;

/**
 * Who is there and who serves what, as the HTTP API tells it. A single server is a cluster of one; a coordinator knows it from its
 * members.
 */
export interface ClusterView {
  /** Whether this process answers for the cluster. */
  isLeader(): boolean;
  /** Where the leader is, `http://host:port`; null while nobody knows. `origin` is how the client has called this process. */
  leader(origin: string): string | null;
  /** Whether this process can answer in a role. */
  isReady(role: 'broker' | 'historical'): boolean;
  /** Processes of a role. */
  nodes(role: Role): readonly { readonly host: string; readonly port: number }[];
  servers(): readonly ViewedServer[];
  workers(): readonly ViewedWorker[];
  /** Lets a worker have tasks, or no more of them. Throws NotFoundError, and UserError where that cannot be. */
  setWorker(host: string, isEnabled: boolean): Promise<void>;
  /**
   * Gives up a realtime node that will never be back: rows that it took and did not publish are lost. Gives the tables that may lack
   * rows. Throws ConflictError while the node lives, NotFoundError for one that never took rows.
   */
  giveUp(node: string): Promise<readonly string[]>;
  /** Tables of which segments count, and those segments. */
  dataSources(): readonly string[];
  used(dataSource: string): readonly StoredSegment[];
  /** What servers have of the lookups, by `host:port`; null for one that does not answer. Absent: there is this process alone. */
  readonly lookups?: () => Promise<ReadonlyMap<string, LookupState | null>>;
  /** How many replicas the rules want, as they are now. */
  wanted(): Promise<(segment: StoredSegment) => Replicas>;
}
