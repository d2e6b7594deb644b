import type { Insertable, Selectable } from 'kysely';
import { invariant } from '../../core/index.js';
import type { DeepCopy } from '../../segments/index.js';
import type { Db } from './database.js';
import type { Migration } from './migration-table.js';
import type { MetadataTables, SegmentRow } from './schema.js';
import { VALUES_PER_STATEMENT } from './segment-rows.js';
import { payloadText, storedSegment } from './stored-segment.js';

/**
 * Inserts what another store held, as a part of the caller's transaction. Where this store has a row of the same key, of a
 * setting or a task, that stays.
 */
export async function insertContents(
  db: Db,
  { contents, copies, pushNode }: Migration,
): Promise<void> {
  const { segments, positions, others } = contents;
  await insertVersions(db, others.data_sources);
  await insertAll(
    db,
    'segments',
    segments.map((row) => withCopy(row, copies.get(row.id))),
  );
  await insertAbsent(db, 'spent_partitions', others.spent_partitions);
  await insertAbsent(db, 'publishes', others.publishes);
  await insertAbsent(db, 'settings', others.settings);
  await insertAll(db, 'audit', others.audit);
  await insertAbsent(db, 'tasks', others.tasks);
  await insertAll(db, 'push_specs', others.push_specs);
  if (pushNode === null) return;
  const log = pushNode;
  await insertAll(
    db,
    'push_positions',
    positions.map((row) => ({ ...row, log })),
  );
  const owners = positions.map(({ name }) => ({ name, node: pushNode, epoch: 1 }));
  await insertAll(db, 'push_owners', owners);
}

/** Inserts rows, of which none may be there. */
export async function insertAll<T extends keyof MetadataTables>(
  db: Db,
  table: T,
  rows: readonly Insertable<MetadataTables[T]>[],
): Promise<void> {
  for (const some of inStatements(rows)) await db.insertInto(table).values(some).execute();
}

/** Inserts rows, but for those whose keys are there. */
async function insertAbsent<T extends keyof MetadataTables>(
  db: Db,
  table: T,
  rows: readonly Insertable<MetadataTables[T]>[],
): Promise<void> {
  for (const some of inStatements(rows)) {
    const insert = db.insertInto(table).values(some);
    await insert.onConflict((conflict) => conflict.doNothing()).execute();
  }
}

function* inStatements<R extends object>(rows: readonly R[]): Generator<readonly R[]> {
  const step = Math.floor(VALUES_PER_STATEMENT / Math.max(1, Object.keys(rows[0] ?? {}).length));
  for (let at = 0; at < rows.length; at += step) yield rows.slice(at, at + step);
}

/** A table that was removed here, and had later versions, goes on behind them. */
async function insertVersions(
  db: Db,
  rows: readonly Insertable<MetadataTables['data_sources']>[],
): Promise<void> {
  await insertAbsent(db, 'data_sources', rows);
  for (const { name, last_version_ms } of rows) {
    await db
      .updateTable('data_sources')
      .set({ last_version_ms })
      .where('name', '=', name)
      .where('last_version_ms', '<', last_version_ms)
      .execute();
  }
}

/** The row of a segment whose file is in deep storage, and on no disk any more. */
function withCopy(
  { seq: _, ...row }: Selectable<SegmentRow>,
  deep: DeepCopy | undefined,
): Insertable<SegmentRow> {
  if (row.tombstone === 1) return row;
  invariant(deep !== undefined, `a segment without a copy: ${row.id}`);
  const { sealed, shardSpec } = storedSegment({ ...row, seq: 0 });
  const payload = payloadText({ ...sealed, path: '', deep }, shardSpec);
  return { ...row, payload, object_key: deep.key };
}
