import type { Db } from './database.js';

/**
 * Counts a change of a data source's segments, push positions or specs, as a part of the transaction that makes it: who
 * knows the count knows whether what they have read is still so.
 */
export async function noteChange(db: Db, dataSource: string): Promise<void> {
  await db
    .insertInto('changes')
    .values({ data_source: dataSource, counter: 1 })
    .onConflict((conflict) =>
      conflict
        .column('data_source')
        .doUpdateSet(({ eb, ref }) => ({ counter: eb(ref('changes.counter'), '+', 1) })),
    )
    .execute();
}
