import type { Db, MetadataDatabase } from './database.js';
import { checkEpoch, type HeldLease } from './lease-table.js';

/** A database as a leader sees it: every change is refused with FencedError once another one leads. */
export class FencedDatabase implements MetadataDatabase {
  constructor(
    private readonly database: MetadataDatabase,
    /** Throws where there is none. */
    private readonly lease: () => HeldLease,
  ) {}

  get kind(): MetadataDatabase['kind'] {
    return this.database.kind;
  }

  read<T>(query: (db: Db) => Promise<T>): Promise<T> {
    return this.database.read(query);
  }

  snapshot<T>(queries: (db: Db) => Promise<T>): Promise<T> {
    return this.database.snapshot(queries);
  }

  async write<T>(work: (db: Db) => Promise<T>): Promise<T> {
    const lease = this.lease();
    return this.database.write(async (db) => {
      await checkEpoch(db, this.kind, lease);
      return work(db);
    });
  }

  touch<T>(statement: (db: Db) => Promise<T>): Promise<T> {
    return this.write(statement);
  }

  /** It is a view: what it is a view of is closed by who opened it. */
  async close(): Promise<void> {}
}
