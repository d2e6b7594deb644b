import { sql } from 'kysely';
import type { KillOrder } from '../../ingest/index.js';
import { noteChange } from './changes.js';
import { chunkKey } from './chunk-intervals.js';
import type { Db } from './database.js';
import { VALUES_PER_STATEMENT } from './segment-rows.js';
import { type StoredSegment, storedSegment } from './stored-segment.js';

/** What was removed. */
export interface Killed {
  readonly count: number;
  /** Of the files that nobody names any more, below the data directory. */
  readonly paths: readonly string[];
}

/**
 * Removes segments of a table that do not count, as a part of the caller's transaction, those that were
 * published first before others. The partition numbers that they had stay taken.
 */
export async function killSegments(db: Db, dataSource: string, order: KillOrder): Promise<Killed> {
  const ids = await chosenIds(db, dataSource, order);
  const killed: StoredSegment[] = [];
  for (let at = 0; at < ids.length; at += VALUES_PER_STATEMENT) {
    const some = ids.slice(at, at + VALUES_PER_STATEMENT);
    const rows = db.selectFrom('segments').selectAll().where('id', 'in', some).orderBy('seq');
    killed.push(...(await rows.execute()).map(storedSegment));
    await db.deleteFrom('segments').where('id', 'in', some).execute();
  }
  await spendNumbers(db, killed);
  await forgetGoneChunks(db, dataSource);
  if (killed.length > 0) await noteChange(db, dataSource);
  const files = killed.filter(({ isTombstone }) => !isTombstone);
  return { count: killed.length, paths: files.map(({ sealed }) => sealed.path) };
}

async function chosenIds(
  db: Db,
  dataSource: string,
  { interval, versions, maxUsedChangedMs, ids, limit }: KillOrder,
): Promise<string[]> {
  const rows = await db
    .selectFrom('segments')
    .select(['id', 'version', 'used_changed_ms', 'created_ms'])
    .where('data_source', '=', dataSource)
    .where('used', '=', 0)
    .where('start_ms', '>=', interval.startMs)
    .where('end_ms', '<=', interval.endMs)
    .orderBy('seq')
    .execute();
  const wanted = versions === null ? null : new Set(versions);
  const named = ids === null ? null : new Set(ids);
  const latestMs = maxUsedChangedMs ?? Number.POSITIVE_INFINITY;
  return rows
    .filter(({ version }) => wanted === null || wanted.has(version))
    .filter(({ id }) => named === null || named.has(id))
    .filter(({ used_changed_ms, created_ms }) => (used_changed_ms ?? created_ms) <= latestMs)
    .slice(0, limit)
    .map(({ id }) => id);
}

/** Remembers, for each chunk, the number behind the last one that was given out. */
async function spendNumbers(db: Db, killed: readonly StoredSegment[]): Promise<void> {
  const last = new Map<string, StoredSegment['id']>();
  for (const { id } of killed) {
    const known = last.get(chunkKey(id));
    if (known === undefined || known.partitionNum < id.partitionNum) last.set(chunkKey(id), id);
  }
  for (const { dataSource, interval, version, partitionNum } of last.values()) {
    await db
      .insertInto('spent_partitions')
      .values({
        data_source: dataSource,
        start_ms: interval.startMs,
        end_ms: interval.endMs,
        version,
        next_partition: partitionNum + 1,
      })
      .onConflict((conflict) =>
        conflict.columns(['data_source', 'start_ms', 'end_ms', 'version']).doUpdateSet({
          next_partition: sql`CASE WHEN spent_partitions.next_partition < excluded.next_partition
            THEN excluded.next_partition ELSE spent_partitions.next_partition END`,
        }),
      )
      .execute();
  }
}

/** A chunk of which no segment is left is never added to: no version is given out twice. */
async function forgetGoneChunks(db: Db, dataSource: string): Promise<void> {
  await db
    .deleteFrom('spent_partitions')
    .where('data_source', '=', dataSource)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('segments')
            .select('segments.id')
            .whereRef('segments.data_source', '=', 'spent_partitions.data_source')
            .whereRef('segments.start_ms', '=', 'spent_partitions.start_ms')
            .whereRef('segments.end_ms', '=', 'spent_partitions.end_ms')
            .whereRef('segments.version', '=', 'spent_partitions.version'),
        ),
      ),
    )
    .execute();
}
