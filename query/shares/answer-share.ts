import { type Clock, inTurns, invariant } from '../../core/index.js';
import { adoptLookups } from '../../model/index.js';
import { segmentIdText } from '../../segments/index.js';
import { withValues } from '../compiler/decoder.js';
import type { JobResult, PartialResult, ScanEngine } from '../engines/engine.js';
import { scanEngineOf } from '../engines/registry.js';
import type { RightRows } from '../executor/executor.js';
import { expandedEngine } from '../expansion/expanded-engine.js';
import { mergeGroups } from '../interpreter/group-partial.js';
import { type GroupPlan, isOrderFree } from '../interpreter/group-rows.js';
import type { NativeQuery } from '../native/query.js';
import { parseNativeQuery } from '../native/registry.js';
import { rowsPerJoinJob } from '../plan/right-sides.js';
import { type ScanOptions, scanParts } from '../plan/scan-parts.js';
import type { QueryStats } from '../result.js';
import type { QueryMemory } from '../spill/memory-budget.js';
import { isOnDisk, piecesInTurn, withoutGroups } from '../spill/merge-pieces.js';
import { mergeResults, type Scan } from '../spill/merge-results.js';
import { partialBytes, tableBytes } from '../spill/partial-bytes.js';
import { partialOfGroups } from '../spill/partial-of-groups.js';
import type { QueryRoom } from '../spill/query-rooms.js';
import { ScanRoom } from '../spill/scan-room.js';
import type { TablePart } from '../tables.js';
import {
  type HeldAnswer,
  SHARE_STATS,
  type ShareAnswer,
  type ShareItem,
  type ShareQuery,
} from './share.js';
import { summariesOf } from './told-summaries.js';

/** The process that answers a share: what all its scans are made with. */
export interface ShareOptions
  extends Pick<ScanOptions, 'executor' | 'partials' | 'fewRecords' | 'rowsPerJob'> {
  readonly clock: Clock;
  /** Holds the answer when there is one. */
  readonly room: QueryRoom;
  readonly stats: QueryStats;
}

/** The query of a share as this process reads it, while somebody holds its lookups. */
export function readShare({ query, lookups }: ShareQuery): NativeQuery {
  adoptLookups(lookups);
  return parseNativeQuery(query);
}

/** Scans parts for another process. What it gives holds no memory of segments, and that of the room, from which groups on disk are read as they are asked for. */
export async function answerShare(
  share: ShareQuery,
  query: NativeQuery,
  parts: readonly TablePart[],
  shared: ShareOptions,
  signal: AbortSignal,
): Promise<Omit<HeldAnswer, 'release'>> {
  const engine = scanEngineOf(query);
  invariant(engine !== undefined, 'only scans are shared');
  const rights = share.rights.map((right) => openRight(right, share));
  const { executor, partials, fewRecords, clock, room, stats } = shared;
  const { maxGroups, maxRows } = share.limits;
  const options: ScanOptions = {
    executor,
    partials,
    fewRecords,
    types: new Map(share.types),
    limits: share.limits,
    stats,
    rowsPerJob: rowsPerJoinJob(shared.rowsPerJob, query, rights),
    rights,
    room: new ScanRoom(room, executor, query, engine.groups(query)),
    isShare: true,
    isEnough: (done) =>
      engine.enough(
        query,
        done.map(({ partial }) => partial),
        { maxGroups, maxResultRows: maxRows },
      ),
  };
  const scanning = expandedEngine(engine, query.dataSource);
  const scanned = await scanParts(scanning, query, parts, options, signal);
  let items: HeldAnswer['items'];
  try {
    items = await heldItems({ engine, query, options, scanned, room }, parts, clock, signal);
  } finally {
    scanned.release();
  }
  stats.spilledBytes += room.spill?.bytes ?? 0;
  return {
    items,
    seen: rights.flatMap(({ seen }) => seen ?? []),
    stats: Object.fromEntries(
      SHARE_STATS.map((name) => [name, stats[name]]),
    ) as ShareAnswer['stats'],
    summaries: summariesOf(stats),
  };
}

/** What a scan found, in the room of the query; it can be released then. */
async function heldItems(
  scan: Scan,
  parts: readonly TablePart[],
  clock: Clock,
  signal: AbortSignal,
): Promise<HeldAnswer['items']> {
  const { engine, query, options, scanned, room } = scan;
  const { spill, memory } = room;
  if (spill !== null && isOnDisk(scanned)) {
    const visible = scanned.results.map((result) => withoutGroups(engine, query, result));
    const context = { query, options, spill, signal };
    const pieces = await piecesInTurn(scanned, memory.limitBytes / 2, context);
    return itemsInTurn(itemsOf(visible, parts), pieces, memory);
  }
  const results = await mergeResults(scan, signal);
  // They are merged again by whoever asks.
  const bytes = bytesOf(results) + results.reduce((sum, each) => sum + tableBytes(each.partial), 0);
  let items: ShareItem[] | null = null;
  if (memory.hasRoom(bytes)) {
    memory.hold(bytes);
    items = await inOne(engine, query, results, options.limits.maxGroups, clock, signal);
    memory.release(bytes);
  }
  items ??= itemsOf(results, parts);
  scanned.release();
  memory.hold(bytesOf(items));
  return items;
}

/** Groups that come back from disk are held until others are asked for. */
async function* itemsInTurn(
  first: readonly ShareItem[],
  pieces: AsyncIterable<readonly PartialResult[]>,
  memory: QueryMemory,
): AsyncGenerator<ShareItem> {
  yield* first;
  for await (const partials of pieces) {
    const items = partials.map((partial): ShareItem => ({ part: 0, segmentId: null, partial }));
    const bytes = bytesOf(items);
    memory.hold(bytes);
    yield* items;
    memory.release(bytes);
  }
}

const bytesOf = (items: readonly { readonly partial: PartialResult }[]): number =>
  items.reduce((sum, { partial }) => sum + partialBytes(partial), 0);

function openRight(right: ShareQuery['rights'][number], { lookups }: ShareQuery): RightRows {
  if (right.kind === 'rows') {
    const { block, keeps } = right;
    const seen = keeps ? new Uint8Array(new SharedArrayBuffer(block.rowCount)) : null;
    return { source: { kind: 'rows', block }, seen };
  }
  const handle = lookups.find(({ contentId }) => contentId === right.contentId);
  invariant(handle !== undefined, 'lookups on the right come with the share');
  return { source: { kind: 'lookup', handle }, seen: null };
}

/** Groups of several results that may be merged in any order; null where they may not be, or there is nothing to merge. */
async function inOne(
  engine: ScanEngine,
  query: NativeQuery,
  results: readonly JobResult<PartialResult>[],
  maxGroups: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<ShareItem[] | null> {
  const plan = engine.groups(query);
  if (plan === null || !isOrderFree(plan) || results.length < 2) return null;
  const groups = results.map(({ partial, decoder }) => {
    invariant(partial.kind === 'groups', 'blocks and files are merged before');
    return { partial, decoder };
  });
  const partial = await inTurns(merged(plan, groups, query, maxGroups), clock, signal);
  return [{ part: 0, segmentId: null, partial }];
}

function* merged(
  plan: GroupPlan,
  groups: Parameters<typeof mergeGroups>[0],
  { intervals }: NativeQuery,
  maxGroups: number,
) {
  const { dimensions, aggregations } = plan;
  const { table, visible } = yield* mergeGroups(
    groups,
    dimensions.length,
    aggregations,
    intervals.length,
    maxGroups,
  );
  return { ...partialOfGroups(table, dimensions.length, aggregations, null), visible };
}

/** Results in the order of the parts: one that is of no segment belongs where it stands. */
function itemsOf(
  results: readonly JobResult<PartialResult>[],
  parts: readonly TablePart[],
): ShareItem[] {
  const ids = parts.map(({ id }) => segmentIdText(id));
  let part = 0;
  return results.map(({ partial, decoder, segmentId }) => {
    const next = segmentId === null ? -1 : ids.indexOf(segmentId, part);
    if (next >= 0) part = next;
    const hasCodes = partial.kind === 'groups' && decoder !== null;
    return { part, segmentId, partial: hasCodes ? withValues(partial, decoder) : partial };
  });
}
