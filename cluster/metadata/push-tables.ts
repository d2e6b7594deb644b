import { type Clock, ConflictError, type JsonObject, NotFoundError } from '../../core/index.js';
import { checkTableName } from '../../ingest/index.js';
import { noteChange } from './changes.js';
import type { Db, MetadataDatabase } from './database.js';
import { openLog, PushLogCatalog } from './push-log.js';
import { addSpec, readSpecs } from './push-specs.js';

/** The node that takes the rows of a table. */
export interface PushOwner {
  readonly node: string;
  /** Grows by one with every owner; 0 stands for a table that had none. */
  readonly epoch: number;
}

/** Where a table stands in one log. */
export interface LogState {
  readonly table: string;
  readonly log: string;
  /** What lies before it is published. */
  readonly position: number;
  /** Whether rows behind the position may be in the log. */
  readonly isOpen: boolean;
}

/**
 * The tables that rows are pushed into, of all logs. In a cluster each node has a log, by its own name, and each table
 * an owner, whose log takes its rows. A log is open for a table from when its node became the owner until the node,
 * having lost the table, says that all is published: queries need every log that is open.
 */
export class PushTables {
  constructor(
    private readonly database: MetadataDatabase,
    private readonly clock: Clock,
  ) {}

  /** The catalogue for who writes one log. */
  ofLog(log: string): PushLogCatalog {
    return new PushLogCatalog(this.database, this.clock, log);
  }

  /** Adds a version of a table's spec, and says nothing of logs; gives its number. */
  async declare(name: string, spec: JsonObject): Promise<number> {
    checkTableName(name, 'table');
    return this.database.write((db) => addSpec(db, this.clock, name, spec));
  }

  /** Every version of the specs of declared tables, in order, by table. */
  specs(): Promise<Map<string, JsonObject[]>> {
    return this.database.read(readSpecs);
  }

  /** Where all tables stand in all logs that ever had rows of them. */
  logs(): Promise<LogState[]> {
    return this.database.read(readLogs);
  }

  owners(): Promise<Map<string, PushOwner>> {
    return this.database.read(readOwners);
  }

  /**
   * Gives a table to a node, whose log is open for it from now on: from `position` on, where it was never. Throws
   * ConflictError when the table has another owner by now than that of `epoch`, and NotFoundError when it was never declared.
   */
  assignOwner(table: string, node: string, epoch: number, position: number): Promise<PushOwner> {
    return this.database.write(async (db) => {
      await checkDeclared(db, table);
      const now = (await readOwners(db)).get(table);
      if ((now?.epoch ?? 0) !== epoch) {
        throw new ConflictError(
          `the table "${table}" is of the node "${now?.node ?? ''}" in epoch ${now?.epoch ?? 0}, not ${epoch}; read the owners again`,
          { table },
        );
      }
      const owner = { node, epoch: epoch + 1 };
      await db
        .insertInto('push_owners')
        .values({ name: table, ...owner })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(owner))
        .execute();
      await openLog(db, table, node, position);
      await noteChange(db, table);
      return owner;
    });
  }

  /**
   * Says that all rows of a table in a log are published, up to `position`, and that none will come. Throws ConflictError
   * when the table stands elsewhere in it, or when the log is that of its owner.
   */
  closeLog(table: string, log: string, position: number): Promise<void> {
    return this.database.write(async (db) => {
      const state = (await readLogs(db)).find((each) => each.table === table && each.log === log);
      const owner = (await readOwners(db)).get(table);
      if (state?.position !== position || owner?.node === log) {
        throw new ConflictError(
          `the log "${log}" cannot be closed for the table "${table}" at ${position}: it stands at ${state?.position ?? 'none'}, and its owner is the node "${owner?.node ?? ''}"`,
          { table },
        );
      }
      if (!state.isOpen) return;
      const row = db.updateTable('push_positions').set({ open: 0 }).where('name', '=', table);
      await row.where('log', '=', log).execute();
      await noteChange(db, table);
    });
  }
}

export async function readLogs(db: Db): Promise<LogState[]> {
  const rows = db.selectFrom('push_positions').select(['name', 'log', 'position', 'open']);
  return (await rows.orderBy('name').orderBy('log').execute()).map((row) => ({
    table: row.name,
    log: row.log,
    position: row.position,
    isOpen: row.open === 1,
  }));
}

export async function readOwners(db: Db): Promise<Map<string, PushOwner>> {
  const rows = await db.selectFrom('push_owners').selectAll().execute();
  return new Map(rows.map(({ name, node, epoch }) => [name, { node, epoch }]));
}

async function checkDeclared(db: Db, table: string): Promise<void> {
  const spec = db.selectFrom('push_specs').select('version').where('name', '=', table);
  if ((await spec.limit(1).executeTakeFirst()) !== undefined) return;
  throw new NotFoundError(`the table "${table}" is not declared; declare it first`, { table });
}
