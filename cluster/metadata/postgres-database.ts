import { Kysely, PostgresDialect, sql } from 'kysely';
import { UnavailableError, UserError, uuid } from '../../core/index.js';
import { POSTGRES_TYPES } from './column-types.js';
import type { Db, MetadataDatabase } from './database.js';
import { DatabaseCounts } from './database-counts.js';
import { migrate } from './migrations.js';
import { Patience, type StoreMeans } from './patience.js';
import { reasonOf, troubleOf } from './postgres-errors.js';
import { openPool, type PostgresPlace } from './postgres-pool.js';
import type { MetadataTables } from './schema.js';

/** A server that was restarted is back by then. */
const LOST_LIMITS = { firstMs: 20, longestMs: 1000, totalMs: 15_000 };

const CONFLICT_LIMITS = { firstMs: 2, longestMs: 250, totalMs: 30_000 };

/** After so many conflicts a transaction runs alone. */
const CONFLICTS_BEFORE_ALONE = 5;

/** Tokens that nobody will ask for, before they are removed. */
const MAX_SPENT_TOKENS = 64;

/** A transaction that has been worked off: only its commit is left. */
interface Made<T> {
  readonly value: T;
}

/**
 * The metadata in a schema of PostgreSQL, which other processes share.
 *
 * Transactions are serialisable: of two that rest on what the other one changes, one is undone and run again; one that
 * is undone again and again runs alone.
 *
 * A connection may break while a commit is under way. So that its outcome can be told, every transaction leaves a
 * token. Who wants to know writes the same token as a fence: either it is there already, and the transaction was
 * committed, or it was not, and can no more be. A transaction that is still under way holds the fence up until it ends.
 */
export class PostgresDatabase implements MetadataDatabase {
  readonly kind = 'postgres';
  readonly counts: DatabaseCounts;
  #spent: string[] = [];

  private constructor(
    private readonly db: Kysely<MetadataTables>,
    private readonly where: string,
    private readonly means: StoreMeans,
  ) {
    this.counts = new DatabaseCounts(means.steady);
  }

  /** Makes the schema where there is none, and brings it to the newest version. */
  static async open(place: PostgresPlace, nowMs: number, means: StoreMeans) {
    const where = shownPlace(place.url);
    const db = new Kysely<MetadataTables>({
      dialect: new PostgresDialect({ pool: openPool(place) }),
    });
    const database = new PostgresDatabase(db, where, means);
    try {
      await database.#asking(() => migrate(db, POSTGRES_TYPES, lockFor(place.schema), nowMs));
    } catch (error) {
      await db.destroy();
      throw error;
    }
    return database;
  }

  read<T>(query: (db: Db) => Promise<T>): Promise<T> {
    return this.counts.timed('read', () => this.#asking(() => query(this.db)));
  }

  snapshot<T>(queries: (db: Db) => Promise<T>): Promise<T> {
    const transaction = this.db.transaction().setIsolationLevel('repeatable read');
    const begun = transaction.setAccessMode('read only');
    return this.counts.timed('snapshot', () => this.#asking(() => begun.execute(queries)));
  }

  touch<T>(statement: (db: Db) => Promise<T>): Promise<T> {
    return this.counts.timed('touch', () => this.#asking(() => statement(this.db)));
  }

  async write<T>(work: (db: Db) => Promise<T>): Promise<T> {
    const value = await this.counts.timed('write', () =>
      this.#asking((conflicts) => this.#transaction(work, conflicts)),
    );
    if (this.#spent.length >= MAX_SPENT_TOKENS) await this.#removeSpent();
    return value;
  }

  async close(): Promise<void> {
    await this.#removeSpent();
    await this.db.destroy();
  }

  async #transaction<T>(work: (db: Db) => Promise<T>, conflicts: number): Promise<T> {
    const token = uuid(this.means.random);
    let made: Made<T> | null = null;
    try {
      await this.db
        .transaction()
        .setIsolationLevel('serializable')
        .execute(async (transaction) => {
          await sql.raw(preamble(conflicts)).execute(transaction);
          await leaveToken(transaction, token, 'write');
          made = { value: await work(transaction) };
        });
    } catch (error) {
      // Before its commit was sent a transaction leaves nothing behind.
      if (made === null || troubleOf(error) !== 'lost') throw error;
      if (!(await this.#wasCommitted(token))) throw error;
    }
    this.#spent.push(token);
    return (made as Made<T> | null)!.value;
  }

  async #wasCommitted(token: string): Promise<boolean> {
    try {
      await this.#asking(() => leaveToken(this.db, token, 'fence'));
      const row = await this.read((db) =>
        db.selectFrom('write_tokens').select('kind').where('token', '=', token).executeTakeFirst(),
      );
      return row?.kind === 'write';
    } catch (error) {
      throw new UnavailableError(
        `the connection to the metadata store at ${this.where} broke while a change was committed, and whether it was is not known: ${reasonOf(error)}; see what there is before you do it again`,
      );
    }
  }

  /** Nothing is lost where they stay. */
  async #removeSpent(): Promise<void> {
    const tokens = this.#spent;
    this.#spent = [];
    if (tokens.length === 0) return;
    try {
      await this.db.deleteFrom('write_tokens').where('token', 'in', tokens).execute();
    } catch {
      // The server is away: it was not for them that it was asked.
    }
  }

  /** Tries until it works; says how often others were in the way. Gives up with an error that says what to do. */
  async #asking<T>(attempt: (conflicts: number) => Promise<T>): Promise<T> {
    const lost = new Patience(this.means, LOST_LIMITS);
    const conflicts = new Patience(this.means, CONFLICT_LIMITS);
    for (;;) {
      try {
        return await attempt(conflicts.attempts);
      } catch (error) {
        const trouble = troubleOf(error);
        if (trouble === 'failed') throw error;
        if (trouble === 'refused') throw this.#unavailable('refuses us', error);
        const isToTryAgain = await (trouble === 'lost' ? lost : conflicts).again();
        if (isToTryAgain) {
          this.counts.retries[trouble === 'lost' ? 'lost' : 'conflict']++;
          continue;
        }
        throw this.#unavailable(
          trouble === 'lost' ? 'cannot be reached' : 'is changed by too many at once',
          error,
        );
      }
    }
  }

  #unavailable(what: string, error: unknown): UnavailableError {
    return new UnavailableError(
      `the metadata store at ${this.where} ${what}: ${reasonOf(error)}; see that PostgreSQL runs there and that the URL, the user and the schema of the configuration are right`,
    );
  }
}

/**
 * First of all in a transaction, before it sees anything: one that runs alone waits until no other one is under way.
 * Where a table is small PostgreSQL would read all of it, and take that for resting on all that others do to it.
 */
const preamble = (conflicts: number): string =>
  `LOCK TABLE write_tokens IN ${conflicts < CONFLICTS_BEFORE_ALONE ? 'ROW EXCLUSIVE' : 'SHARE ROW EXCLUSIVE'} MODE; SET LOCAL enable_seqscan = off`;

async function leaveToken(db: Db, token: string, kind: 'write' | 'fence'): Promise<void> {
  await db
    .insertInto('write_tokens')
    .values({ token, kind })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Makes the schema, and keeps other processes from migrating it. */
const lockFor = (schema: string | undefined) => async (db: Db) => {
  await sql`SELECT pg_advisory_xact_lock(hashtext(${`varve/${schema ?? ''}`}))`.execute(db);
  if (schema === undefined) return;
  // To ask for it takes a privilege, also where there is one already.
  const { rows } = await sql`SELECT 1 FROM pg_namespace WHERE nspname = ${schema}`.execute(db);
  if (rows.length === 0) await db.schema.createSchema(schema).execute();
};

/** Without the password. */
function shownPlace(url: string): string {
  try {
    const { host, pathname, protocol } = new URL(url);
    if (protocol === 'postgres:' || protocol === 'postgresql:') return `${host}${pathname}`;
  } catch {
    // Told below: the text may hold a password.
  }
  throw new UserError(
    'the URL of the metadata store is not one of PostgreSQL: write postgres://user:password@host:5432/database',
  );
}
