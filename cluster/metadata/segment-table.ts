import { type Selectable, sql } from 'kysely';
import { type Clock, invariant } from '../../core/index.js';
import type { KillOrder, PublishRequest } from '../../ingest/index.js';
import type { SegmentId } from '../../segments/index.js';
import type { Db, MetadataDatabase } from './database.js';
import { type Killed, killSegments } from './kill-segments.js';
import { dropSegments, restoreSegments } from './mark-segments.js';
import { publishSegments } from './publish-segments.js';
import type { SegmentRow } from './schema.js';
import { places, VALUES_PER_STATEMENT } from './segment-rows.js';
import type { SegmentSelection } from './segment-selection.js';
import {
  PLACE,
  type PlacedSegment,
  placedSegment,
  type StoredSegment,
  storedSegment,
} from './stored-segment.js';

/** Texts of compaction states that are known as one. */
const MAX_STATES = 10_000;

/** The published segments: the only source of truth of what is visible. */
export class SegmentTable {
  constructor(
    private readonly database: MetadataDatabase,
    private readonly clock: Clock,
  ) {}

  /** One text for all equal ones: a table has as many compaction states as it had configurations, and a segment each. */
  readonly #states = new Map<string, string>();

  /** Every segment that counts, in order of publishing; of one table when it is named. */
  async used(dataSource?: string): Promise<StoredSegment[]> {
    const rows = await this.database.read((db) => {
      const used = db.selectFrom('segments').selectAll().where('used', '=', 1).orderBy('seq');
      return (
        dataSource === undefined ? used : used.where('data_source', '=', dataSource)
      ).execute();
    });
    return rows.map((row) => this.#stored(row));
  }

  /**
   * As `used` of one table; what is `known`, by id, is not read again. What is published never changes, and a table
   * that takes pushes is published into again and again.
   */
  async usedSince(
    dataSource: string,
    known: ReadonlyMap<string, StoredSegment>,
  ): Promise<StoredSegment[]> {
    return this.database.snapshot((db) => this.usedIn(db, dataSource, known));
  }

  /** As `usedSince`, in a transaction. */
  async usedIn(
    db: Db,
    dataSource: string,
    known: ReadonlyMap<string, StoredSegment>,
  ): Promise<StoredSegment[]> {
    const used = await db
      .selectFrom('segments')
      .select('id')
      .where('data_source', '=', dataSource)
      .where('used', '=', 1)
      .orderBy('seq')
      .execute();
    const all = new Map(known);
    const fresh = used.map(({ id }) => id).filter((id) => !known.has(id));
    for (let at = 0; at < fresh.length; at += VALUES_PER_STATEMENT) {
      const ids = fresh.slice(at, at + VALUES_PER_STATEMENT);
      const rows = db.selectFrom('segments').selectAll().where('id', 'in', ids);
      for (const row of await rows.execute()) all.set(row.id, this.#stored(row));
    }
    return used.map(({ id }) => all.get(id)!);
  }

  /** Segments of all tables that have not counted since then or longer, without what their files hold. */
  async unusedSince(latestMs: number): Promise<(PlacedSegment & { usedChangedMs: number })[]> {
    const since = sql<number>`coalesce(used_changed_ms, created_ms)`;
    const rows = await this.database.read((db) =>
      db
        .selectFrom('segments')
        .select(PLACE)
        .select(since.as('since_ms'))
        .where('used', '=', 0)
        .where(since, '<=', latestMs)
        .orderBy('seq')
        .execute(),
    );
    return rows.map((row) => ({ ...placedSegment(row), usedChangedMs: row.since_ms }));
  }

  /** Segments of a table that do not count, in order of publishing. */
  async unused(dataSource: string): Promise<StoredSegment[]> {
    const rows = await this.database.read((db) => {
      const all = db.selectFrom('segments').selectAll().where('data_source', '=', dataSource);
      return all.where('used', '=', 0).orderBy('seq').execute();
    });
    return rows.map(storedSegment);
  }

  /** Names of tables of which there are segments, used or not. */
  async dataSources(): Promise<string[]> {
    const rows = await this.database.read((db) =>
      db.selectFrom('segments').select('data_source').distinct().orderBy('data_source').execute(),
    );
    return rows.map((row) => row.data_source);
  }

  /** Every segment, used or not. */
  async all(): Promise<StoredSegment[]> {
    const rows = await this.database.read((db) =>
      db.selectFrom('segments').selectAll().orderBy('seq').execute(),
    );
    return rows.map(storedSegment);
  }

  /** Whether a publish of the task was committed. */
  hasPublished(taskId: string): Promise<boolean> {
    return this.database.read((db) => isPublished(db, taskId));
  }

  /**
   * Publishes a task's segments in one transaction. A task that has published already gets its
   * first outcome, without what was killed since.
   */
  publish(request: PublishRequest): Promise<SegmentId[]> {
    invariant(
      request.mode === 'overwrite' || request.dropIntervals.length === 0,
      'an append drops nothing',
    );
    return this.database.write(async (transaction) => {
      if (await isPublished(transaction, request.taskId)) {
        return (await places(transaction, 'task_id', request.taskId))
          .filter(({ isTombstone }) => !isTombstone)
          .map(({ id }) => id);
      }
      const ids = await publishSegments(transaction, this.clock, request);
      await transaction
        .insertInto('publishes')
        .values({ task_id: request.taskId, created_ms: this.clock.nowMs() })
        .execute();
      return ids;
    });
  }

  /** Makes selected segments of a table count no more. Gives how many changed. */
  drop(dataSource: string, selection: SegmentSelection): Promise<number> {
    return this.database.write((transaction) =>
      dropSegments(transaction, this.clock, dataSource, selection),
    );
  }

  /** Makes selected segments of a table count again, but for those that others hide. Gives how many changed. */
  restore(dataSource: string, selection: SegmentSelection): Promise<number> {
    return this.database.write((transaction) =>
      restoreSegments(transaction, this.clock, dataSource, selection),
    );
  }

  /** Removes segments that do not count; their files are the caller's to remove. */
  kill(dataSource: string, order: KillOrder): Promise<Killed> {
    return this.database.write((transaction) => killSegments(transaction, dataSource, order));
  }

  #stored(row: Selectable<SegmentRow>): StoredSegment {
    const { compaction_state: text } = row;
    if (text === null) return storedSegment(row);
    if (this.#states.size > MAX_STATES) this.#states.clear();
    const state = this.#states.get(text) ?? text;
    this.#states.set(state, state);
    return storedSegment({ ...row, compaction_state: state });
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
