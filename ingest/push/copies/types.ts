/** A group of commands as a log holds it, for another node that holds the same. */
export interface LogGroup {
  /** Of the first command. */
  readonly position: number;
  /** The state at that position, where a file of the log begins; null: none does. */
  readonly checkpoint: Uint8Array | null;
  readonly payloads: readonly Uint8Array[];
}

/** What the copy of a log begins with. */
export interface CopyStart {
  readonly logId: string;
  /** Of the oldest command that is kept. */
  readonly position: number;
  /** The state at that position. */
  readonly checkpoint: Uint8Array;
}

/** How a log comes to its standbys: the nodes that have all that it acknowledges. What these reject with the caller is to stop at. */
export interface CopyLink {
  /** Begins a copy at a node, in place of whatever that had of the log: it is no standby until it joins. */
  begin(node: string, start: CopyStart): Promise<void>;
  /** Goes on with a copy that has not joined yet; resolves when the node has it on disk. */
  send(node: string, group: LogGroup): Promise<void>;
  /** The node has all there is, and is a standby from now on. Who cannot tell rejects: then `append` is to find out whether it is. */
  join(node: string): Promise<void>;
  /**
   * Resolves when all standbys have the group on disk; one that does not take it is none any more. Gives how many are left. Rejects when nobody
   * can tell any more whether the log is the one that counts: then the group must not be acknowledged.
   */
  append(group: LogGroup): Promise<number>;
  /** Nobody needs what lies before the position. */
  trim(before: number): void;
}

/** Of a log that nobody else has. */
export const NO_COPIES: CopyLink = {
  begin: () => Promise.reject(new Error('this log is not copied')),
  send: () => Promise.reject(new Error('this log is not copied')),
  join: () => Promise.reject(new Error('this log is not copied')),
  append: async () => 0,
  trim: () => undefined,
};
