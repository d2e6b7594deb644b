/**
 * membership: which nodes there are, which of them live (`cluster-nodes.ts`), and what each of them serves: it tells by its
 * `announcer.ts`, and is heard by a `follower.ts`, which keeps the `served-view.ts`. This node's own row is `membership.ts`.
 */
import type { NodeIdentity } from '../transport/types.js';

/** What a node may be called: also a part of paths. */
export const NODE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** A node as it stands in the metadata. */
export interface NodeRecord extends NodeIdentity {
  /** Where other nodes call it: `http://10.0.0.7:8888`. */
  readonly url: string;
  /** The version of messages that it speaks. */
  readonly protocol: number;
  /** Historicals of one tier hold the same segments; '' for nodes without one. */
  readonly tier: string;
  /** Segments are asked for where it is highest. */
  readonly priority: number;
  /** Bytes of segments that it may hold; 0 for nodes that hold none. */
  readonly capacityBytes: number;
  /** Tasks that it runs at the same time; 0 for nodes that run none. */
  readonly taskSlots: number;
  /** Of Varve. */
  readonly version: string;
}

export interface BeatingRecord extends NodeRecord {
  /** Moves as long as the node lives. What it counts means nothing else. */
  readonly beat: number;
}

/** The table of nodes, in the metadata. Every call may fail with UnavailableError. */
export interface NodeTable {
  /** Writes the record, in place of one of the same name: the incarnation before it is no member any more. */
  register(record: NodeRecord): Promise<void>;
  /** Moves the counter of this incarnation; false when the name is another one's now, or nobody's. */
  beat(name: string, incarnation: string): Promise<boolean>;
  /** The node leaves; without effect when the name is another incarnation's. */
  remove(name: string, incarnation: string): Promise<void>;
  list(): Promise<readonly BeatingRecord[]>;
}
