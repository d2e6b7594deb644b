import type { JsonObject } from '../../../core/index.js';
import type { Interval } from '../../../model/index.js';
import type { DimensionSchema, MutableSegmentHandle } from '../../../segments/index.js';
import type { ChunkSegment } from '../../publisher.js';

/** Rows to be sealed: a mutable segment that is written no more, or a sorted piece. */
export type SealInput =
  | { readonly kind: 'mutable'; readonly handle: MutableSegmentHandle }
  | { readonly kind: 'piece'; readonly path: string };

/**
 * Sorted files to be made of rows that nobody writes any more. Plain data: it is done in another thread.
 *
 *   piece    one file, whatever times its rows have
 *   handoff  files per time chunk, as they are published
 */
export interface SealJob {
  readonly kind: 'piece' | 'handoff';
  /** The push table whose spec the rows follow; null for dead letters, which have a schema of their own. */
  readonly spec: { readonly name: string; readonly json: JsonObject } | null;
  /** Listed and discovered ones, in order. */
  readonly dimensions: readonly DimensionSchema[];
  readonly inputs: readonly SealInput[];
  readonly directory: string;
  /** Of the names of the files; never used before. */
  readonly prefix: string;
  /** Chunks that there are already: a row goes into the first one that holds its time. */
  readonly chunkIntervals: readonly Interval[];
}

/** Does a job; when it rejects, no file of it is left, or start-up removes what is. */
export type Sealer = (job: SealJob) => Promise<readonly ChunkSegment[]>;
