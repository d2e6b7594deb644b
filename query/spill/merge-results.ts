import { type Clock, inTurns, ResourceLimitError, type Turns } from '../../core/index.js';
import type { JobResult, Outcome, PartialResult, ScanEngine } from '../engines/engine.js';
import { isOrderFree } from '../interpreter/group-rows.js';
import type { NativeQuery } from '../native/query.js';
import {
  hasBlocks,
  type MergedResults,
  mergeBlocks,
  onlyBlocks,
  scanMerged,
} from '../plan/merge-blocks.js';
import type { ScanOptions, ScanResults } from '../plan/scan-parts.js';
import { isOnDisk, mergePieces, needsPieces, scanPieces } from './merge-pieces.js';
import { groupBytesOf, LEAST_GROUP_BYTES, partialBytes, rowsBytes } from './partial-bytes.js';
import type { QueryRoom } from './query-rooms.js';

/** A scan that is done, and what merging its results needs. */
export interface Scan {
  readonly engine: ScanEngine;
  readonly query: NativeQuery;
  readonly options: ScanOptions;
  readonly scanned: ScanResults;
  readonly room: QueryRoom;
}

/** The results of a scan as its engine finishes them: what is in blocks or on disk, merged by workers. */
export async function mergeResults(
  { engine, query, options, scanned, room }: Scan,
  signal: AbortSignal,
): Promise<readonly JobResult<PartialResult>[]> {
  if (needsPieces(scanned)) {
    return mergePieces(engine, scanned, { query, options, spill: room.spill!, signal });
  }
  return hasBlocks(scanned)
    ? mergeBlocks(engine, query, scanned, options, signal)
    : scanned.results;
}

/**
 * Merges the results and finishes them, counting what that takes: partials may have most groups in common, so that there are as many in
 * the end as there is room for, or there is an error. Throws ResourceLimitError.
 */
export async function finishScan(
  scan: Scan,
  maxGroups: number,
  clock: Clock,
  signal: AbortSignal,
  finish: (results: readonly JobResult<PartialResult>[], maxGroups: number) => Turns<Outcome>,
): Promise<Outcome> {
  const { memory } = scan.room;
  const results = await mergeResults(scan, signal);
  let mergedBytes = 0;
  let groups = 0;
  let groupBytes = LEAST_GROUP_BYTES;
  for (const { partial } of results) {
    if (partial.kind !== 'groups') continue;
    groups += partial.groupCount;
    groupBytes = groupBytesOf(partial);
    if (results !== scan.scanned.results) mergedBytes += partialBytes(partial);
  }
  memory.hold(mergedBytes);
  const most = Math.floor(memory.freeBytes / groupBytes);
  const outcome = await finishWithin(Math.min(most, maxGroups));
  const { groups: shown, rows } = outcome;
  memory.hold(shown === undefined ? rowsBytes(rows) : shown.rowCount * groupBytes);
  if (shown === undefined) memory.release(mergedBytes);
  return outcome;

  async function finishWithin(limit: number): Promise<Outcome> {
    try {
      return await inTurns(finish(results, limit), clock, signal);
    } catch (error) {
      // The table did not get as large as it may be.
      const isFull = error instanceof ResourceLimitError && error.limit === limit;
      if (isFull && limit < maxGroups) memory.hold(groups * groupBytes);
      throw error;
    }
  }
}

/** How an outer query reads groups where workers merge them. */
export type ReadMerged = (
  outer: NativeQuery,
  options: ScanOptions,
  signal: AbortSignal,
) => Promise<MergedResults>;

/** Null where this thread has to see the groups. */
export function mergedReader(outer: ScanEngine, query: NativeQuery, scan: Scan): ReadMerged | null {
  const plan = outer.groups(query);
  if (plan === null) return null;
  const { scanned, room } = scan;
  if (needsPieces(scanned)) {
    return (outer, options, signal) =>
      scanPieces(scanned, outer, { query: scan.query, options, spill: room.spill!, signal });
  }
  const blocks = onlyBlocks(scanned);
  // Of groups on disk all are never in memory: what depends on their order is as good in this one.
  if (blocks === null || !(isOrderFree(plan) || isOnDisk(scanned))) return null;
  return (outer, options, signal) => scanMerged(blocks, scanned.spec, outer, options, signal);
}
