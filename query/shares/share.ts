import type { JsonObject } from '../../core/index.js';
import type { LookupHandle, ValueType } from '../../model/index.js';
import type { WireAnalysis } from '../engines/analysis-wire.js';
import type { PartialResult } from '../engines/engine.js';
import type { RowBlock } from '../interpreter/rows-segment.js';
import type { JobLimits } from '../interpreter/target.js';
import type { QueryStats } from '../result.js';
import type { TablePart } from '../tables.js';
import type { ToldSummaries } from './told-summaries.js';

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
  readonly summaries: ToldSummaries;
}

/** An answer whose memory counts in its process until it is released, which may be done more than once. Its items are read once. */
export interface HeldAnswer extends Omit<ShareAnswer, 'items'> {
  readonly items: Iterable<ShareItem> | AsyncIterable<ShareItem>;
  release(): Promise<void>;
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

/** Is told the numbers of parts that nobody has; null: then there is to be no answer. */
export type OnLost = ((parts: readonly number[]) => void) | null;

/** Who asks for shares: takes what comes of them, and counts it while it comes. */
export interface ShareIntake {
  /** Throws ResourceLimitError where there is no room. */
  take(partial: PartialResult): Promise<PartialResult>;
  /** Gives back what was taken of an answer that does not count after all. */
  drop(partial: PartialResult): void;
  readonly onLost: OnLost;
}

/** The answer of somebody who was asked for these parts, by number, and does not have the `absent` ones among them. */
export interface FoundShare {
  readonly parts: readonly number[];
  readonly absent: readonly number[];
  readonly answer: ShareAnswer;
}

/** Who has parts that this process has not, or knows who has. Implemented above this room. */
export interface PartHolder {
  /**
   * Has each of the parts scanned once, by whomever it chooses. An answer comes as a whole or not at all, and its partials were taken one by one. Throws where some part cannot be scanned anywhere, unless that may be lost.
   */
  scan(
    share: ShareQuery,
    parts: readonly TablePart[],
    intake: ShareIntake,
    signal: AbortSignal,
  ): AsyncIterable<FoundShare>;
  /** What is known of each of the parts but for those that are lost, for a segmentMetadata query as executors know it. Throws as `scan` does. */
  analyse(
    query: JsonObject,
    parts: readonly TablePart[],
    onLost: OnLost,
    signal: AbortSignal,
  ): Promise<readonly WireAnalysis[]>;
}
