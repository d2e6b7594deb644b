import { Kysely, SqliteDialect, sql } from 'kysely';
import Database from 'libsql';
import { UnavailableError } from '../../core/index.js';
import { SQLITE_TYPES } from './column-types.js';
import type { Db, MetadataDatabase } from './database.js';
import { migrate } from './migrations.js';
import type { MetadataTables } from './schema.js';

/** The metadata in a file that belongs to this process alone. `:memory:` is for tests. */
export class SqliteDatabase implements MetadataDatabase {
  readonly kind = 'sqlite';

  private constructor(private readonly db: Kysely<MetadataTables>) {}

  /** Throws UnavailableError when another process has the file, or when it cannot be opened. */
  static async open(path: string, nowMs: number): Promise<SqliteDatabase> {
    const db = openSqlite(path);
    try {
      await migrate(db, SQLITE_TYPES, async () => undefined, nowMs);
    } catch (error) {
      await closeSqlite(db);
      throw error;
    }
    return new SqliteDatabase(db);
  }

  read<T>(query: (db: Db) => Promise<T>): Promise<T> {
    return query(this.db);
  }

  snapshot<T>(queries: (db: Db) => Promise<T>): Promise<T> {
    return this.write(queries);
  }

  /** There is one connection, which a transaction has for itself. */
  write<T>(work: (db: Db) => Promise<T>): Promise<T> {
    return this.db.transaction().execute(work);
  }

  touch<T>(statement: (db: Db) => Promise<T>): Promise<T> {
    return statement(this.db);
  }

  close(): Promise<void> {
    return closeSqlite(this.db);
  }
}

/**
 * Opens the metadata database of one data directory and locks it for this process: SQLite's
 * exclusive locking mode holds the file lock until the process ends, however it ends, so that two
 * processes never share a data directory and a crash leaves no stale lock behind.
 *
 * `synchronous=FULL` makes a committed transaction survive a power cut.
 */
export function openSqlite(path: string): Kysely<MetadataTables> {
  let database: Database.Database | null = null;
  try {
    database = new Database(path);
    database.exec(`
      PRAGMA busy_timeout = 0;
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = DELETE;
      PRAGMA synchronous = FULL;
      BEGIN EXCLUSIVE;
      CREATE TABLE IF NOT EXISTS process_lock (held INTEGER);
      COMMIT;
    `);
    return new Kysely({ dialect: new SqliteDialect({ database }) });
  } catch (error) {
    database?.close();
    throw openError(path, error);
  }
}

/** A database that nobody else can open meanwhile, and a copy of it. */
export interface CopiedSqlite {
  /** Lets go of the database. */
  release(): Promise<void>;
}

/**
 * Copies the database of a data directory, as its last committed transaction left it, into a new file, and keeps others from
 * opening it until it is released. It is not changed. Throws UnavailableError when another process has it.
 */
export async function copySqlite(path: string, copyPath: string): Promise<CopiedSqlite> {
  const db = openSqlite(path);
  const release = () => closeSqlite(db);
  try {
    await sql`VACUUM INTO ${copyPath}`.execute(db);
  } catch (error) {
    await release();
    throw openError(path, error);
  }
  return { release };
}

/**
 * Closes the database and lets go of the file lock at once: the binding keeps the file open until
 * its last prepared statement is collected, so closing alone would not do.
 */
async function closeSqlite(db: Kysely<MetadataTables>): Promise<void> {
  await sql`PRAGMA locking_mode = NORMAL`.execute(db);
  await sql`SELECT count(*) FROM process_lock`.execute(db);
  await db.destroy();
}

function openError(path: string, error: unknown): UnavailableError {
  const reason = error instanceof Error ? error.message : String(error);
  return /locked|busy/i.test(reason)
    ? new UnavailableError(
        `the data directory of ${path} is in use by another Varve process; stop that one, or choose another --data-dir`,
      )
    : new UnavailableError(`the metadata at ${path} cannot be opened: ${reason}`);
}
