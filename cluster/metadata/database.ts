import type { Kysely, Transaction } from 'kysely';
import type { DatabaseCounts } from './database-counts.js';
import type { MetadataTables } from './schema.js';

/** What statements are run on: a connection of its own for each, or a transaction. */
export type Db = Kysely<MetadataTables> | Transaction<MetadataTables>;

/**
 * The database below a metadata store. What is given to it may be run again, from the beginning, when the
 * database was lost or somebody else wrote meanwhile: it must do nothing but ask and change the database.
 * Everything throws UnavailableError when the database cannot be reached.
 */
export interface MetadataDatabase {
  readonly kind: 'sqlite' | 'postgres';
  /** Of one that others share. */
  readonly counts?: DatabaseCounts;
  /** Runs a query. Several may see different states. */
  read<T>(query: (db: Db) => Promise<T>): Promise<T>;
  /** Runs queries that all see one state. */
  snapshot<T>(queries: (db: Db) => Promise<T>): Promise<T>;
  /**
   * Runs a transaction, as if no other one ran meanwhile. It is done once, or not at all when this throws;
   * but for an UnavailableError that says that its outcome is not known.
   */
  write<T>(work: (db: Db) => Promise<T>): Promise<T>;
  /** Runs a statement that changes one row, and that may as well be done twice. It waits for no transactions. */
  touch<T>(statement: (db: Db) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
