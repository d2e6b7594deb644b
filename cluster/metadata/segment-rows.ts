import type { Insertable } from 'kysely';
import { type Clock, type JsonObject, stringifyJson } from '../../core/index.js';
import { coreCount, type SealedSegment } from '../../segments/index.js';
import type { Allocation } from './allocation.js';
import type { Db } from './database.js';
import { PartitionNumbers } from './partition-numbers.js';
import type { SegmentRow } from './schema.js';
import { noFile, PLACE, type PlacedSegment, payloadText, placedSegment } from './stored-segment.js';

/** Of one statement: stores bound how many values it may have. */
export const VALUES_PER_STATEMENT = 500;

/** Of one statement: each has 15 values. */
const ROWS_PER_STATEMENT = 33;

/** What all rows of one insert share. */
export interface RowOrigin {
  readonly taskId: string;
  readonly clock: Clock;
  readonly compactionState: JsonObject | null;
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

/** Of a table whose segments are all in `existing`. */
export async function partitionNumbers(
  db: Db,
  dataSource: string,
  existing: readonly PlacedSegment[],
): Promise<PartitionNumbers> {
  const spent = db.selectFrom('spent_partitions').selectAll().where('data_source', '=', dataSource);
  return new PartitionNumbers(existing, await spent.execute());
}

/** Inserts segments that count; `sealed` are their files, in the same order. */
export async function insertSegments(
  db: Db,
  { taskId, clock, compactionState }: RowOrigin,
  allocations: readonly Allocation[],
  sealed: readonly SealedSegment[],
): Promise<void> {
  const state = compactionState === null ? null : stringifyJson(compactionState);
  const rows = allocations.map(
    ({ id, idText, shardSpec }, index): Insertable<SegmentRow> => ({
      id: idText,
      data_source: id.dataSource,
      start_ms: id.interval.startMs,
      end_ms: id.interval.endMs,
      version: id.version,
      partition_num: id.partitionNum,
      partitions: coreCount(shardSpec),
      used: 1,
      used_changed_ms: null,
      tombstone: shardSpec.type === 'tombstone' ? 1 : 0,
      task_id: taskId,
      created_ms: clock.nowMs(),
      payload: payloadText(sealed[index]!, shardSpec),
      compaction_state: state,
      object_key: sealed[index]!.deep?.key ?? null,
    }),
  );
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) {
    const some = rows.slice(at, at + ROWS_PER_STATEMENT);
    await db.insertInto('segments').values(some).execute();
  }
}

/** As `insertSegments`, of segments without files. */
export const insertTombstones = (
  db: Db,
  origin: Omit<RowOrigin, 'compactionState'>,
  allocations: readonly Allocation[],
): Promise<void> =>
  insertSegments(
    db,
    { ...origin, compactionState: null },
    allocations,
    allocations.map(({ id }) => noFile(id.interval)),
  );

/** Makes segments count, or no more; says when. */
export async function setUsed(
  db: Db,
  segments: readonly Pick<PlacedSegment, 'idText'>[],
  used: boolean,
  nowMs: number,
): Promise<void> {
  for (let at = 0; at < segments.length; at += VALUES_PER_STATEMENT) {
    const ids = segments.slice(at, at + VALUES_PER_STATEMENT).map(({ idText }) => idText);
    await db
      .updateTable('segments')
      .set({ used: used ? 1 : 0, used_changed_ms: nowMs })
      .where('id', 'in', ids)
      .execute();
  }
}
