import type { Clock } from '../../core/index.js';
import type { PublishRequest } from '../../ingest/index.js';
import type { SegmentId } from '../../segments/index.js';
import { type Allocation, allocate, nextVersionMs, placed, versionText } from './allocation.js';
import { noteChange } from './changes.js';
import type { Db } from './database.js';
import { tombstoneIntervals } from './marks.js';
import { takeObjects } from './object-table.js';
import { checkBasis } from './publish-basis.js';
import {
  insertSegments,
  insertTombstones,
  partitionNumbers,
  places,
  setUsed,
} from './segment-rows.js';
import type { PlacedSegment } from './stored-segment.js';
import { timelineOf } from './used-timeline.js';

/**
 * Makes the segments of one request visible, as a part of the caller's transaction: allocates their
 * ids, inserts them, puts tombstones where it drops what it does not replace, and marks what is hidden
 * now as unused. Gives the ids in the order of the request. Throws ConflictError when the request's
 * basis no longer holds, GivenUpObjectError when an object of a segment was given up. Does not ask whether the
 * task has published before.
 */
export async function publishSegments(
  db: Db,
  clock: Clock,
  request: PublishRequest,
): Promise<SegmentId[]> {
  const { dataSource, taskId, segments, dropIntervals, dropsRows, compactionState } = request;
  const existing = await places(db, 'data_source', dataSource);
  const used = existing.filter((segment) => segment.used);
  checkBasis(request, used);
  await takeObjects(db, dataSource, segments);
  const version = await takeVersion(db, clock, dataSource);
  const numbers = await partitionNumbers(db, dataSource, existing);
  const allocations = allocate(request, used, numbers, version);
  const origin = { taskId, clock, compactionState };
  const sealed = segments.map((segment) => segment.sealed);
  await insertSegments(db, origin, allocations, sealed);
  const written = segments.map(({ interval }) => interval);
  // Of a version of its own, each is the whole of its chunk.
  const tombstones = tombstoneIntervals(used, dropIntervals, written).map((interval) =>
    placed(dataSource, { interval, version }, { type: 'tombstone' }, 1, numbers),
  );
  const all: Pick<PlacedSegment, 'id' | 'idText'>[] = [...used, ...allocations, ...tombstones];
  const hidden = timelineOf(all).overshadowed();
  await setUsed(db, hidden, false, clock.nowMs());
  await insertTombstones(db, origin, dropsRows ? tombstones : hiding(tombstones, used, hidden));
  await noteChange(db, dataSource);
  return allocations.map(({ id }) => id);
}

/** Those of the tombstones that hide rows of segments which still count, that is, which show elsewhere. */
function hiding(
  tombstones: readonly Allocation[],
  used: readonly PlacedSegment[],
  hidden: readonly Pick<PlacedSegment, 'idText'>[],
): Allocation[] {
  const gone = new Set(hidden.map(({ idText }) => idText));
  const left = timelineOf(used.filter(({ idText }) => !gone.has(idText)));
  return tombstones.filter(({ id }) =>
    left
      .lookup(id.interval)
      .some(({ payloads }) => payloads.some(({ isTombstone }) => !isTombstone)),
  );
}

/** The table's next version; recorded, so that it is never given out again. */
async function takeVersion(db: Db, clock: Clock, dataSource: string): Promise<string> {
  const row = await db
    .selectFrom('data_sources')
    .select('last_version_ms')
    .where('name', '=', dataSource)
    .executeTakeFirst();
  const versionMs = nextVersionMs(clock.nowMs(), row?.last_version_ms);
  await db
    .insertInto('data_sources')
    .values({ name: dataSource, last_version_ms: versionMs })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ last_version_ms: versionMs }))
    .execute();
  return versionText(versionMs);
}
