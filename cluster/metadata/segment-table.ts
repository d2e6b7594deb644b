import type { Kysely, Transaction } from 'kysely';
import { type Clock, invariant } from '../../core/index.js';
import type { PublishRequest } from '../../ingest/index.js';
import { contains, type Interval } from '../../model/index.js';
import { type SegmentId, Timeline } from '../../segments/index.js';
import { type Allocation, allocate, nextVersionMs, versionText } from './allocation.js';
import type { MetadataTables } from './schema.js';
import {
  PLACE,
  type PlacedSegment,
  payloadText,
  placedSegment,
  type StoredSegment,
  storedSegment,
} from './stored-segment.js';

type Db = Kysely<MetadataTables> | Transaction<MetadataTables>;

/** The published segments: the only source of truth of what is visible. */
export class SegmentTable {
  constructor(
    private readonly db: Kysely<MetadataTables>,
    private readonly clock: Clock,
  ) {}

  /** Every segment that counts, in order of publishing; of one table when it is named. */
  async used(dataSource?: string): Promise<StoredSegment[]> {
    const used = this.db.selectFrom('segments').selectAll().where('used', '=', 1).orderBy('seq');
    const query = dataSource === undefined ? used : used.where('data_source', '=', dataSource);
    return (await query.execute()).map(storedSegment);
  }

  /** Every segment that was ever published. */
  async all(): Promise<StoredSegment[]> {
    const rows = await this.db.selectFrom('segments').selectAll().orderBy('seq').execute();
    return rows.map(storedSegment);
  }

  /** Whether a publish of the task was committed. */
  hasPublished(taskId: string): Promise<boolean> {
    return isPublished(this.db, taskId);
  }

  /**
   * Publishes a task's segments in one transaction: allocates their ids, inserts them, and marks
   * what they hide or drop as unused. A task that has published already gets its first outcome.
   */
  publish(request: PublishRequest): Promise<SegmentId[]> {
    invariant(
      request.mode === 'overwrite' || request.dropIntervals.length === 0,
      'an append drops nothing',
    );
    return this.db.transaction().execute(async (transaction) => {
      if (await isPublished(transaction, request.taskId)) {
        return (await places(transaction, 'task_id', request.taskId)).map(({ id }) => id);
      }
      const existing = await places(transaction, 'data_source', request.dataSource);
      const version = await this.#takeVersion(transaction, request.dataSource);
      const allocations = allocate(request, existing, version);
      await this.#insert(transaction, request, allocations);
      await setUnused(transaction, obsolete(request, existing, allocations, version));
      await transaction
        .insertInto('publishes')
        .values({ task_id: request.taskId, created_ms: this.clock.nowMs() })
        .execute();
      return allocations.map(({ id }) => id);
    });
  }

  /** Marks segments of a table as unused: all, or those inside an interval. Gives how many changed. */
  async markUnused(dataSource: string, interval?: Interval): Promise<number> {
    const used = (await places(this.db, 'data_source', dataSource)).filter(
      (segment) =>
        segment.used && (interval === undefined || contains(interval, segment.id.interval)),
    );
    await setUnused(this.db, used);
    return used.length;
  }

  /** The table's next version; recorded, so that it is never given out again. */
  async #takeVersion(db: Db, dataSource: string): Promise<string> {
    const row = await db
      .selectFrom('data_sources')
      .select('last_version_ms')
      .where('name', '=', dataSource)
      .executeTakeFirst();
    const versionMs = nextVersionMs(this.clock.nowMs(), row?.last_version_ms);
    await db
      .insertInto('data_sources')
      .values({ name: dataSource, last_version_ms: versionMs })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ last_version_ms: versionMs }))
      .execute();
    return versionText(versionMs);
  }

  async #insert(
    db: Db,
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
          partitions: shardSpec.partitions,
          used: 1,
          task_id: request.taskId,
          created_ms: this.clock.nowMs(),
          payload: payloadText(request.segments[index]!.sealed),
        })
        .execute();
    }
  }
}

async function isPublished(db: Db, taskId: string): Promise<boolean> {
  const row = await db
    .selectFrom('publishes')
    .select('task_id')
    .where('task_id', '=', taskId)
    .executeTakeFirst();
  return row !== undefined;
}

/** What a publish drops on request, and what is hidden for good behind it. */
function obsolete(
  { dropIntervals }: PublishRequest,
  existing: readonly PlacedSegment[],
  allocations: readonly Allocation[],
  version: string,
): PlacedSegment[] {
  const used = existing.filter((segment) => segment.used);
  const dropped = used.filter(
    ({ id }) =>
      id.version < version && dropIntervals.some((interval) => contains(interval, id.interval)),
  );
  const gone = new Set(dropped);
  const timeline = new Timeline<PlacedSegment | null>();
  for (const segment of used) {
    if (!gone.has(segment)) timeline.add({ ...segment, payload: segment });
  }
  for (const { id, shardSpec } of allocations) timeline.add({ id, shardSpec, payload: null });
  return [...dropped, ...timeline.overshadowed().filter((segment) => segment !== null)];
}

async function setUnused(db: Db, segments: readonly PlacedSegment[]): Promise<void> {
  for (const { idText } of segments) {
    await db.updateTable('segments').set({ used: 0 }).where('id', '=', idText).execute();
  }
}

/** All segments of a table or task, used or not, without what their files hold. */
async function places(
  db: Db,
  column: 'data_source' | 'task_id',
  value: string,
): Promise<PlacedSegment[]> {
  const query = db.selectFrom('segments').select(PLACE).where(column, '=', value).orderBy('seq');
  return (await query.execute()).map(placedSegment);
}
