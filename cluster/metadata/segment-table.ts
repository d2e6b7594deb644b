import type { Kysely, Transaction } from 'kysely';
import { type Clock, invariant } from '../../core/index.js';
import type { PublishRequest } from '../../ingest/index.js';
import { contains, type Interval } from '../../model/index.js';
import { type SegmentId, Timeline } from '../../segments/index.js';
import { type Allocation, allocate, nextVersionMs, versionText } from './allocation.js';
import type { MetadataTables } from './schema.js';
import { payloadText, type StoredSegment, storedSegment } from './stored-segment.js';

type Db = Kysely<MetadataTables> | Transaction<MetadataTables>;

/** The published segments: the only source of truth of what is visible. */
export class SegmentTable {
  constructor(
    private readonly db: Kysely<MetadataTables>,
    private readonly clock: Clock,
  ) {}

  /** Every segment that counts, in order of publishing; of one table when it is named. */
  used(dataSource?: string): Promise<StoredSegment[]> {
    return select(this.db, { used: true, ...(dataSource === undefined ? {} : { dataSource }) });
  }

  /** Every segment that was ever published. */
  all(): Promise<StoredSegment[]> {
    return select(this.db, {});
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
        return (await select(transaction, { taskId: request.taskId })).map(({ id }) => id);
      }
      const existing = await select(transaction, { dataSource: request.dataSource });
      const version = await this.#takeVersion(transaction, request.dataSource);
      const allocations = allocate(request, existing, version);
      await this.#insert(transaction, request, allocations);
      await retire(transaction, request, existing, version);
      await transaction
        .insertInto('publishes')
        .values({ task_id: request.taskId, created_ms: this.clock.nowMs() })
        .execute();
      return allocations.map(({ id }) => id);
    });
  }

  /** Marks segments of a table as unused: all, or those inside an interval. Gives how many changed. */
  async markUnused(dataSource: string, interval?: Interval): Promise<number> {
    const used = (await select(this.db, { dataSource })).filter(
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

/** Marks as unused what a publish dropped on request, and what is now hidden for good. */
async function retire(
  db: Db,
  request: PublishRequest,
  existing: readonly StoredSegment[],
  version: string,
): Promise<void> {
  const dropped = existing.filter(
    ({ id, used }) =>
      used &&
      id.version < version &&
      request.dropIntervals.some((interval) => contains(interval, id.interval)),
  );
  await setUnused(db, dropped);
  const timeline = new Timeline<StoredSegment>();
  for (const segment of await select(db, { dataSource: request.dataSource })) {
    const { id, shardSpec } = segment;
    if (segment.used) timeline.add({ id, shardSpec, payload: segment });
  }
  await setUnused(db, timeline.overshadowed());
}

async function setUnused(db: Db, segments: readonly StoredSegment[]): Promise<void> {
  for (const { idText } of segments) {
    await db.updateTable('segments').set({ used: 0 }).where('id', '=', idText).execute();
  }
}

interface Selection {
  readonly used?: boolean;
  readonly dataSource?: string;
  readonly taskId?: string;
}

async function select(db: Db, { used, dataSource, taskId }: Selection): Promise<StoredSegment[]> {
  let query = db.selectFrom('segments').selectAll().orderBy('seq');
  if (used !== undefined) query = query.where('used', '=', used ? 1 : 0);
  if (dataSource !== undefined) query = query.where('data_source', '=', dataSource);
  if (taskId !== undefined) query = query.where('task_id', '=', taskId);
  return (await query.execute()).map(storedSegment);
}
