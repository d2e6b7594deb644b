import { ConflictError, parseJson, stringifyJson } from '../../core/index.js';
import type { DeepCopy } from '../../segments/index.js';
import { noteChange } from './changes.js';
import type { Db, MetadataDatabase } from './database.js';
import { insertAll, insertContents } from './insert-contents.js';
import { MIGRATION, type ObjectTable, takeObjects } from './object-table.js';
import { identityOf, readContents, type StoreContents, tablesOf } from './store-contents.js';

/** A segment file that was put into deep storage for a migration whose metadata are not there yet. */
export interface MigratedCopy {
  /** Of the segment file: another one of the same id has another. */
  readonly sha256: string;
  readonly deep: DeepCopy;
}

/** What a store is to take over from another one. */
export interface Migration {
  readonly contents: StoreContents;
  /** Of every segment that has a file, by id. */
  readonly copies: ReadonlyMap<string, DeepCopy>;
  /** The node that owns the push tables from now on, over a log that goes on where the old one ends; null where there are none. */
  readonly pushNode: string | null;
}

/** What the store makes of a migration. */
export interface MigrationVerdict {
  /** Whether it has taken over the very same before. */
  readonly isDone: boolean;
  /** Settings that it has itself, with other values, which stay: `type/name`. */
  readonly kept: readonly string[];
}

/** Settings of these types are notes of migrations, by segment and by contents. */
const COPY = 'migratedSegment';
const DONE = 'migration';

/** Moves what one store holds into another one: all of it in one transaction, and not twice. */
export class MigrationTable {
  constructor(
    private readonly database: MetadataDatabase,
    private readonly objects: ObjectTable,
  ) {}

  /** What this store holds, to be taken over by another one. */
  contents(): Promise<StoreContents> {
    return this.database.snapshot(readContents);
  }

  /** What was put into deep storage for migrations that have not ended, by id of the segment. */
  async copies(): Promise<Map<string, MigratedCopy>> {
    const rows = await this.database.read((db) =>
      db.selectFrom('settings').select(['name', 'payload']).where('type', '=', COPY).execute(),
    );
    return new Map(rows.map(({ name, payload }) => [name, parseJson(payload) as MigratedCopy]));
  }

  /** Says that an object will be written; it is kept until the migration is done. */
  registerCopy(key: string): Promise<void> {
    return this.objects.register(key, MIGRATION);
  }

  /** Remembers a copy, so that a migration that is run again need not make it again. */
  async noteCopy(idText: string, copy: MigratedCopy): Promise<void> {
    const payload = stringifyJson(copy);
    await this.database.touch((db) =>
      db
        .insertInto('settings')
        .values({ type: COPY, name: idText, payload })
        .onConflict((conflict) => conflict.columns(['type', 'name']).doUpdateSet({ payload }))
        .execute(),
    );
  }

  /** Throws ConflictError that says what is in the way of a migration. */
  check(contents: StoreContents, pushNode: string | null): Promise<MigrationVerdict> {
    return this.database.snapshot((db) => judge(db, contents, pushNode));
  }

  /** Takes over; changes nothing when it has before. Throws ConflictError as `check` does. */
  run(migration: Migration): Promise<MigrationVerdict> {
    const { contents, pushNode } = migration;
    return this.database.write(async (db) => {
      const verdict = await judge(db, contents, pushNode);
      if (verdict.isDone) return verdict;
      const segments = [...migration.copies.values()].map((deep) => ({ sealed: { deep } }));
      await takeObjects(db, tablesOf(contents).join(', '), segments);
      await insertContents(db, migration);
      for (const table of tablesOf(contents)) await noteChange(db, table);
      await forgetCopies(db, contents);
      const payload = stringifyJson(tablesOf(contents));
      await insertAll(db, 'settings', [{ type: DONE, name: identityOf(contents), payload }]);
      return verdict;
    });
  }
}

async function judge(
  db: Db,
  contents: StoreContents,
  pushNode: string | null,
): Promise<MigrationVerdict> {
  const done = await settingsOf(db, [DONE]);
  if (done.has(`${DONE}/${identityOf(contents)}`)) return { isDone: true, kept: [] };
  const tables = tablesOf(contents);
  const known = await tablesHere(db);
  const common = tables.filter((table) => known.has(table));
  if (common.length > 0) {
    throw new ConflictError(
      `the cluster has the table${common.length > 1 ? 's' : ''} ${common.map((table) => `"${table}"`).join(', ')} already; migrate into a cluster that does not, or remove all segments of ${common.length > 1 ? 'them' : 'it'} there for good first`,
      { table: common[0]! },
    );
  }
  if (pushNode !== null) await checkLog(db, pushNode);
  const here = await settingsOf(
    db,
    contents.others.settings.map(({ type }) => type),
  );
  const kept = contents.others.settings.flatMap(({ type, name, payload }) => {
    const own = here.get(`${type}/${name}`);
    return own === undefined || own === payload ? [] : [`${type}/${name}`];
  });
  return { isDone: false, kept };
}

/** Data sources with segments, used or not, and declared tables. */
async function tablesHere(db: Db): Promise<Set<string>> {
  const segments = await db.selectFrom('segments').select('data_source').distinct().execute();
  const specs = await db.selectFrom('push_specs').select('name').distinct().execute();
  return new Set([...segments.map((row) => row.data_source), ...specs.map(({ name }) => name)]);
}

async function checkLog(db: Db, node: string): Promise<void> {
  const log = db.selectFrom('push_positions').select('name').where('log', '=', node).limit(1);
  if ((await log.executeTakeFirst()) === undefined) return;
  throw new ConflictError(
    `the node "${node}" has a push log already, and can go on with no other one; give the configuration of a realtime node that was never started`,
    { node },
  );
}

async function settingsOf(db: Db, types: readonly string[]): Promise<Map<string, string>> {
  if (types.length === 0) return new Map();
  const rows = db
    .selectFrom('settings')
    .selectAll()
    .where('type', 'in', [...new Set(types)]);
  return new Map(
    (await rows.execute()).map(({ type, name, payload }) => [`${type}/${name}`, payload]),
  );
}

/** What was noted of segments is in their payloads now. */
async function forgetCopies(db: Db, { segments }: StoreContents): Promise<void> {
  const names = segments.map(({ id }) => id);
  const STEP = 500;
  for (let at = 0; at < names.length; at += STEP) {
    await db
      .deleteFrom('settings')
      .where('type', '=', COPY)
      .where('name', 'in', names.slice(at, at + STEP))
      .execute();
  }
}
