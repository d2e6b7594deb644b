import type { Kysely } from 'kysely';
import { UnavailableError } from '../../core/index.js';
import type { ColumnTypes } from './column-types.js';
import type { Db } from './database.js';
import type { MetadataTables } from './schema.js';
import { MIGRATIONS } from './schema-steps.js';

/** Makes the transaction wait until no other process migrates. */
export type MigrationLock = (db: Db) => Promise<void>;

/**
 * Brings a store to the newest schema, one transaction a step. Throws UnavailableError when the
 * store was written by a newer Varve.
 */
export async function migrate(
  db: Kysely<MetadataTables>,
  types: ColumnTypes,
  lock: MigrationLock,
  nowMs: number,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await lock(transaction);
    await transaction.schema
      .createTable('migrations')
      .ifNotExists()
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('applied_ms', types.time, (column) => column.notNull())
      .execute();
    checkVersion(await lastApplied(transaction));
  });
  for (const [index, step] of MIGRATIONS.entries()) {
    const id = index + 1;
    await db.transaction().execute(async (transaction) => {
      await lock(transaction);
      if (id <= (await lastApplied(transaction))) return;
      await step(transaction, types);
      await transaction.insertInto('migrations').values({ id, applied_ms: nowMs }).execute();
    });
  }
}

function checkVersion(applied: number): void {
  if (applied <= MIGRATIONS.length) return;
  throw new UnavailableError(
    `the metadata has schema ${applied}, this Varve knows ${MIGRATIONS.length}; use the newer Varve that wrote it`,
  );
}

async function lastApplied(db: Db): Promise<number> {
  const { last } = await db
    .selectFrom('migrations')
    .select(({ fn }) => fn.max('id').as('last'))
    .executeTakeFirstOrThrow();
  return Number(last ?? 0);
}
