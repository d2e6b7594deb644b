import { type Clock, ConflictError, type JsonObject } from '../../core/index.js';
import { checkTableName } from '../../ingest/index.js';
import { noteChange } from './changes.js';
import type { Db, MetadataDatabase } from './database.js';
import { PushLogCatalog } from './push-log.js';
import { checkHold, giveUpLogs, type LogHold } from './push-logs.js';
import { addSpec, readSpecs } from './push-specs.js';

/** The node that takes the rows of a table. */
export interface PushOwner {
  /** Null: none does until one is chosen, for the one that did was given up. */
  readonly node: string | null;
  /** Grows by one with every change of the owner; 0 stands for a table that never had one. */
  readonly epoch: number;
}

/** Where a table stands in one log that may have rows of it. */
export interface LogState {
  readonly table: string;
  readonly log: string;
  /** What lies before it is published. */
  readonly position: number;
}

/** A table that its owner gives to another node, or leaves for a while. */
export interface TableMove {
  readonly table: string;
  readonly from: string;
  /** The epoch of the owner `from`. */
  readonly epoch: number;
  /** Where all of the table is published in the owner's log; null: the log is not open for it. */
  readonly position: number | null;
  /** What the next owner has to know: see `TableState.checkpoint`; null: what is stored of it. */
  readonly state: Uint8Array | null;
  /** May be the same node: then it takes the table up again when it is back. */
  readonly to: string;
  /** Of the log of `from`, by who moves the table; absent: nothing of it is checked. */
  readonly hold?: LogHold;
}

/**
 * The tables that rows are pushed into, of all logs. In a cluster each node has a log, by its own name, and each table
 * an owner, whose log takes its rows. A log is open for a table, and known by `logs`, from when the owner took the table up until
 * all is published and the owner has moved it: queries need every log that is open.
 */
export class PushTables {
  constructor(
    private readonly database: MetadataDatabase,
    private readonly clock: Clock,
  ) {}

  /** The catalogue for who writes one log, and for who only reads. Where logs have copies, who writes has a hold. */
  ofLog(log: string, hold: LogHold | null = null): PushLogCatalog {
    return new PushLogCatalog(this.database, this.clock, log, hold);
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

  /** Where all tables stand in the logs that are open for them. */
  logs(): Promise<LogState[]> {
    return this.database.read(readLogs);
  }

  owners(): Promise<Map<string, PushOwner>> {
    return this.database.read(readOwners);
  }

  /**
   * Gives a table that has no owner to a node; it need not be declared yet. Throws ConflictError when it has an owner, or
   * another epoch, by now.
   */
  assignOwner(table: string, node: string, epoch: number): Promise<PushOwner> {
    return this.database.write(async (db) => {
      const now = (await readOwners(db)).get(table) ?? NEVER_OWNED;
      if (now.epoch !== epoch || now.node !== null) throw otherOwner(table, now, epoch);
      const owner = { node, epoch: epoch + 1 };
      await db
        .insertInto('push_owners')
        .values({ name: table, ...owner, state: null })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(owner))
        .execute();
      await noteChange(db, table);
      return owner;
    });
  }

  /**
   * Closes the owner's log for the table and makes another node the owner, in one transaction. Throws ConflictError when
   * the table has another owner than `from` by now, or stands elsewhere in its log; FencedError when the log is held no more.
   */
  move({ table, from, epoch, position, state, to, hold }: TableMove): Promise<PushOwner> {
    return this.database.write(async (db) => {
      if (hold !== undefined) await checkHold(db, hold);
      const now = (await readOwners(db)).get(table) ?? NEVER_OWNED;
      if (now.epoch !== epoch || now.node !== from) throw otherOwner(table, now, epoch);
      const log = (await readLogs(db)).find((each) => each.table === table && each.log === from);
      if ((log?.position ?? null) !== position) {
        throw new ConflictError(
          `the table "${table}" cannot leave the log "${from}" at ${position ?? 'none'}: it stands at ${log?.position ?? 'none'}`,
          { table },
        );
      }
      const closed = db.deleteFrom('push_positions').where('name', '=', table);
      await closed.where('log', '=', from).execute();
      const owner = { node: to, epoch: epoch + 1 };
      const row = db.updateTable('push_owners').set(state === null ? owner : { ...owner, state });
      await row.where('name', '=', table).execute();
      await noteChange(db, table);
      return owner;
    });
  }

  /**
   * Gives up a node that will never be back: what its log has and nobody published is lost, as is that of logs which it took over, and
   * other nodes may take the tables. Gives the names of the tables whose rows may be lost.
   */
  giveUp(node: string): Promise<string[]> {
    return this.database.write(async (db) => {
      const logs = new Set(await giveUpLogs(db, node));
      const open = (await readLogs(db)).flatMap(({ log, table }) => (logs.has(log) ? table : []));
      const owners = [...(await readOwners(db))].filter(
        ([, owner]) => owner.node !== null && logs.has(owner.node),
      );
      await db
        .deleteFrom('push_positions')
        .where('log', 'in', [...logs])
        .execute();
      for (const [table, { epoch }] of owners) {
        const row = db.updateTable('push_owners').set({ node: null, epoch: epoch + 1 });
        await row.where('name', '=', table).execute();
      }
      for (const table of new Set([...open, ...owners.map(([name]) => name)])) {
        await noteChange(db, table);
      }
      return open;
    });
  }
}

const NEVER_OWNED: PushOwner = { node: null, epoch: 0 };

const otherOwner = (table: string, { node, epoch }: PushOwner, expected: number): ConflictError =>
  new ConflictError(
    `the table "${table}" is of ${node === null ? 'no node' : `the node "${node}"`} in epoch ${epoch}, not ${expected}; read the owners again`,
    { table },
  );

export async function readLogs(db: Db): Promise<LogState[]> {
  const rows = db.selectFrom('push_positions').select(['name', 'log', 'position']);
  return (await rows.orderBy('name').orderBy('log').execute()).map(({ name, log, position }) => ({
    table: name,
    log,
    position,
  }));
}

export async function readOwners(db: Db): Promise<Map<string, PushOwner>> {
  const rows = await db.selectFrom('push_owners').select(['name', 'node', 'epoch']).execute();
  return new Map(rows.map(({ name, node, epoch }) => [name, { node, epoch }]));
}
