import type { Kysely, Transaction } from 'kysely';
import type { Clock } from '../../core/index.js';
import type { PublishRequest } from '../../ingest/index.js';
import { contains } from '../../model/index.js';
import { coreCount, type SegmentId, Timeline } from '../../segments/index.js';
import { type Allocation, allocate, nextVersionMs, versionText } from './allocation.js';
import { checkBasis } from './publish-basis.js';
import type { MetadataTables } from './schema.js';
import { PLACE, type PlacedSegment, payloadText, placedSegment } from './stored-segment.js';

export type Db = Kysely<MetadataTables> | Transaction<MetadataTables>;

/**
 * Makes the segments of one request visible, as a part of the caller's transaction: allocates their
 * ids, inserts them, and marks what they hide or drop as unused. Gives the ids in the order of the
 * request. Throws ConflictError when the request's basis no longer holds. Does not ask whether the
 * task has published before.
 */
export async function publishSegments(
  db: Transaction<MetadataTables>,
  clock: Clock,
  request: PublishRequest,
): Promise<SegmentId[]> {
  const existing = await places(db, 'data_source', request.dataSource);
  const used = existing.filter((segment) => segment.used);
  checkBasis(request, used);
  const version = await takeVersion(db, clock, request.dataSource);
  const allocations = allocate(request, existing, version);
  await insert(db, clock, request, allocations);
  await setUnused(db, obsolete(request, used, allocations, version));
  return allocations.map(({ id }) => id);
}

/** All segments of a table or task, used or not, without what their files hold. */
export async function places(
  db: Db,
  column: 'data_source' | 'task_id',
  value: string,
): Promise<PlacedSegment[]> {
  const query = db.selectFrom('segments').select(PLACE).where(column, '=', value).orderBy('seq');
  return (await query.execute()).map(placedSegment);
}

export async function setUnused(db: Db, segments: readonly PlacedSegment[]): Promise<void> {
  for (const { idText } of segments) {
    await db.updateTable('segments').set({ used: 0 }).where('id', '=', idText).execute();
  }
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

async function insert(
  db: Db,
  clock: Clock,
  request: PublishRequest,
  allocations: readonly Allocation[],
): Promise<void> {
  for (const [index, { id, idText, shardSpec }] of allocations.entries()) {
    await db
      .insertInto('segments')
      .values({
        id: idText,
        data_source: id.dataSource,
        start_ms: id.interval.startMs,
        end_ms: id.interval.endMs,
        version: id.version,
        partition_num: id.partitionNum,
        partitions: coreCount(shardSpec),
        used: 1,
        task_id: request.taskId,
        created_ms: clock.nowMs(),
        payload: payloadText(request.segments[index]!.sealed, shardSpec),
      })
      .execute();
  }
}

/** What a publish drops on request, and what is hidden for good behind it. */
function obsolete(
  { dropIntervals }: PublishRequest,
  used: readonly PlacedSegment[],
  allocations: readonly Allocation[],
  version: string,
): PlacedSegment[] {
  const dropped = used.filter(
    ({ id }) =>
      id.version < version && dropIntervals.some((interval) => contains(interval, id.interval)),
  );
  const gone = new Set(dropped);
  const timeline = new Timeline<PlacedSegment | null>();
  for (const segment of used) {
    if (!gone.has(segment)) timeline.add({ ...segment, payload: segment });
  }
  for (const { id, shardSpec } of allocations) {
    timeline.add({ id, coreCount: coreCount(shardSpec), payload: null });
  }
  return [...dropped, ...timeline.overshadowed().filter((segment) => segment !== null)];
}
