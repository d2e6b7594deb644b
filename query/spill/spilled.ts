import type { VisibleTimes } from '../interpreter/visible-times.js';

/** Bytes of groups in a spill file, by partition: those of one follow those of the one before. */
export interface SpilledPieces {
  readonly path: string;
  /** Where the first begins. */
  readonly offset: number;
  /** Where each ends, in bytes from `offset`. */
  readonly ends: Float64Array<ArrayBuffer>;
  /** The CRC-32C of each. */
  readonly checksums: Uint32Array<ArrayBuffer>;
}

/** Groups of a job that lie on disk, by partitions of their values (`value-partitions.ts`). */
export interface SpilledGroups {
  readonly kind: 'spilled';
  /** In the order in which they are to be merged. */
  readonly pieces: readonly SpilledPieces[];
  readonly visible: VisibleTimes;
  readonly rowsScanned: number;
  readonly compiled: boolean | null;
}

/** Where jobs write groups, and how much. Plain data that workers get. */
export interface SpillTarget {
  /** How the paths of files begin: no two batches have the same. */
  readonly path: string;
  /** Partials that take fewer bytes in memory stay there. */
  readonly leastBytes: number;
  /** What has been written: a counter of the query and one of the process, in memory that all threads share. */
  readonly written: readonly SharedCounter[];
}

/** A number of bytes that threads add to, and its limit. */
export interface SharedCounter {
  readonly count: BigInt64Array<SharedArrayBuffer>;
  readonly limitBytes: number;
  /** The name of the limit. */
  readonly name: string;
}
