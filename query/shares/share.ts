import type { JsonObject } from '../../core/index.js';
import type { LookupHandle, ValueType } from '../../model/index.js';
import type { WireAnalysis } from '../engines/analysis-wire.js';
import type { PartialResult } from '../engines/engine.js';
import type { RowBlock } from '../interpreter/rows-segment.js';
import type { JobLimits } from '../interpreter/target.js';
import type { QueryStats } from '../result.js';
import type { TablePart } from '../tables.js';

/**
 * What a process asks of another one that has some of the parts which a query reads: everything but the parts. Plain data, but
 * for the lookups, which go by their ids to whoever has them already.
 */
export interface ShareQuery {
  /** As executors know it. */
  readonly query: JsonObject;
  /** The columns of the table, of the types that the values of all its parts fit. */
  readonly types: readonly (readonly [name: string, type: ValueType])[];
  readonly rights: readonly ShareRight[];
  /** Those that the query names, and right sides of joins that are lookups. */
  readonly lookups: readonly LookupHandle[];
  readonly limits: JobLimits;
}

/** A right side of a join: rows, or the id of a lookup. `keeps`: it is told which of its rows came up. */
export type ShareRight =
  | { readonly kind: 'rows'; readonly block: RowBlock; readonly keeps: boolean }
  | { readonly kind: 'lookup'; readonly contentId: string };

/** A partial without memory of its owner, and the first of the parts that it is of. */
export interface ShareItem {
  readonly part: number;
  readonly segmentId: string | null;
  readonly partial: PartialResult;
}

/** What came of a share. */
export interface ShareAnswer {
  /** In the order of the parts; where no sum depends on the order, they may be one. */
  readonly items: readonly ShareItem[];
  /** By right side that is kept: a byte for each of its rows that came up. */
  readonly seen: readonly Uint8Array[];
  readonly stats: ShareStats;
}

/** What counts of the work that others did. */
export type ShareStats = Pick<QueryStats, (typeof SHARE_STATS)[number]>;

export const SHARE_STATS = [
  'rowsScanned',
  'segments',
  'segmentsPruned',
  'treeSegments',
  'treeRecords',
  'treeRows',
  'cachedSegments',
  'indexedSegments',
  'indexedRows',
  'loadedBytes',
  'jobs',
  'compiledJobs',
  'interpretedJobs',
  'spilledBytes',
  'spilledFiles',
] as const;

/** Who has parts that this process has not, or knows who has. Implemented above this room. */
export interface PartHolder {
  /**
   * Has each of the parts scanned once, by whomever it chooses. `parts` of an answer are the numbers of those that it is of; an
   * answer comes as a whole or not at all. Throws where some part cannot be scanned anywhere.
   */
  scan(
    share: ShareQuery,
    parts: readonly TablePart[],
    signal: AbortSignal,
  ): AsyncIterable<{ readonly parts: readonly number[]; readonly answer: ShareAnswer }>;
  /** What is known of each of the parts, for a segmentMetadata query as executors know it. Throws as `scan` does. */
  analyse(
    query: JsonObject,
    parts: readonly TablePart[],
    signal: AbortSignal,
  ): Promise<readonly WireAnalysis[]>;
}
