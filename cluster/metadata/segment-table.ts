import type { Kysely } from 'kysely';
import { type Clock, invariant } from '../../core/index.js';
import type { PublishRequest } from '../../ingest/index.js';
import { contains, type Interval } from '../../model/index.js';
import type { SegmentId } from '../../segments/index.js';
import { type Db, places, publishSegments, setUnused } from './publish-segments.js';
import type { MetadataTables } from './schema.js';
import { type StoredSegment, storedSegment } from './stored-segment.js';

/** Of one statement: stores bound how many values it may have. */
const IDS_PER_QUERY = 500;

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

  /**
   * As `used` of one table; what is `known`, by id, is not read again. What is published never changes, and a table
   * that takes pushes is published into again and again.
   */
  async usedSince(
    dataSource: string,
    known: ReadonlyMap<string, StoredSegment>,
  ): Promise<StoredSegment[]> {
    const used = await this.db
      .selectFrom('segments')
      .select('id')
      .where('data_source', '=', dataSource)
      .where('used', '=', 1)
      .orderBy('seq')
      .execute();
    const all = new Map(known);
    const fresh = used.map(({ id }) => id).filter((id) => !known.has(id));
    for (let at = 0; at < fresh.length; at += IDS_PER_QUERY) {
      const ids = fresh.slice(at, at + IDS_PER_QUERY);
      const rows = this.db.selectFrom('segments').selectAll().where('id', 'in', ids);
      for (const row of await rows.execute()) all.set(row.id, storedSegment(row));
    }
    return used.map(({ id }) => all.get(id)!);
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
   * Publishes a task's segments in one transaction. A task that has published already gets its
   * first outcome.
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
      const ids = await publishSegments(transaction, this.clock, request);
      await transaction
        .insertInto('publishes')
        .values({ task_id: request.taskId, created_ms: this.clock.nowMs() })
        .execute();
      return ids;
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
}

async function isPublished(db: Db, taskId: string): Promise<boolean> {
  const row = await db
    .selectFrom('publishes')
    .select('task_id')
    .where('task_id', '=', taskId)
    .executeTakeFirst();
  return row !== undefined;
}
