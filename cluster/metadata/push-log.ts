import { type Clock, ConflictError, invariant, type JsonObject } from '../../core/index.js';
import {
  checkTableName,
  type HandoffRequest,
  type OpenedTable,
  type PushCatalog,
  type StoredTable,
} from '../../ingest/index.js';
import { noteChange } from './changes.js';
import type { Db, MetadataDatabase } from './database.js';
import { publishSegments } from './publish-segments.js';
import { LOCAL_LOG } from './push-log-name.js';
import { checkHold, type LogHold } from './push-logs.js';
import { addSpec, readSpecs } from './push-specs.js';

/** The tables that rows are pushed into over one log: their specs, and how much of that log is published. */
export class PushLogCatalog implements PushCatalog {
  constructor(
    private readonly database: MetadataDatabase,
    private readonly clock: Clock,
    /** The name of the log. */
    readonly log: string,
    /** Every change is refused with FencedError once it holds no more; null: nobody else could hold the log. */
    private readonly hold: LogHold | null,
  ) {}

  tables(): Promise<StoredTable[]> {
    return this.database.snapshot(async (db) => {
      const positions = new Map((await this.#rows(db)).map((row) => [row.name, row.position]));
      const specs = [...(await readSpecs(db))].sort(([a], [b]) => (a < b ? -1 : 1));
      return specs.map(([name, versions]) => ({
        name,
        versions,
        position: positions.get(name) ?? null,
      }));
    });
  }

  /** See `PushCatalog`. The log has the name of its node, which must own the table. */
  open(name: string, position: number): Promise<OpenedTable | null> {
    return this.#write(async (db) => {
      const owned = db.selectFrom('push_owners').selectAll().where('name', '=', name);
      const owner = await owned.executeTakeFirst();
      if (owner?.node !== this.log) {
        throw new ConflictError(
          `the table "${name}" is of the node "${owner?.node ?? ''}", not of "${this.log}"`,
          { table: name },
        );
      }
      const versions = (await readSpecs(db)).get(name);
      if (versions === undefined) return null;
      await openLog(db, name, this.log, position);
      const row = (await this.#rows(db)).find((each) => each.name === name);
      return {
        name,
        versions,
        position: row!.position,
        epoch: owner.epoch,
        state: owner.state === null ? null : new Uint8Array(owner.state),
      };
    });
  }

  /** Where each table stands that is open in this log. */
  async positions(): Promise<Map<string, number>> {
    const rows = await this.database.read((db) => this.#rows(db));
    return new Map(rows.map(({ name, position }) => [name, position]));
  }

  async declare(name: string, spec: JsonObject, position: number): Promise<number> {
    checkTableName(name, 'table');
    return this.#write(async (db) => {
      await openLog(db, name, this.log, position);
      return addSpec(db, this.clock, name, spec);
    });
  }

  async publish(request: HandoffRequest): Promise<void> {
    const { table, from, to } = request;
    invariant(from < to, 'a handoff moves the position on');
    await this.#write(async (db) => {
      if (!(await movePosition(db, this.log, request))) return;
      // No task can have this name: a slash is not legal in one. Positions of two logs may be the same.
      const origin = this.log === LOCAL_LOG ? table : `${this.log}/${table}`;
      const taskId = `push/${origin}/${from}-${to}`;
      for (const [dataSource, { segments, chunkIntervals }] of request.segments) {
        await publishSegments(db, this.clock, {
          taskId,
          dataSource,
          mode: 'append',
          segments,
          dropIntervals: [],
          dropsRows: false,
          basis: { kind: 'chunks', intervals: chunkIntervals },
          compactionState: null,
        });
      }
      await noteChange(db, table);
    });
  }

  #write<T>(work: (db: Db) => Promise<T>): Promise<T> {
    return this.database.write(async (db) => {
      if (this.hold !== null) await checkHold(db, this.hold);
      return work(db);
    });
  }

  #rows(db: Db) {
    const rows = db.selectFrom('push_positions').select(['name', 'position']);
    return rows.where('log', '=', this.log).orderBy('name').execute();
  }
}

/**
 * Says that a log may have rows of a table from now on, as a part of the caller's transaction. The table stands at
 * `position` unless the log is open for it already.
 */
async function openLog(db: Db, name: string, log: string, position: number): Promise<void> {
  await db
    .insertInto('push_positions')
    .values({ name, log, position, previous_position: null })
    .onConflict((conflict) => conflict.columns(['name', 'log']).doNothing())
    .execute();
  await noteChange(db, name);
}

/** False when this very handoff was committed before. Throws ConflictError when another one was. */
async function movePosition(
  db: Db,
  log: string,
  { table, from, to }: HandoffRequest,
): Promise<boolean> {
  const row = await db
    .selectFrom('push_positions')
    .select(['position', 'previous_position'])
    .where('name', '=', table)
    .where('log', '=', log)
    .executeTakeFirst();
  if (row?.position === to && row.previous_position === from) return false;
  if (row?.position !== from) {
    throw new ConflictError(
      `the table "${table}" cannot be published from position ${from} of the log "${log}" on: it stands at ${row?.position ?? 'none'}; read the metadata again`,
      { table },
    );
  }
  await db
    .updateTable('push_positions')
    .set({ position: to, previous_position: from })
    .where('name', '=', table)
    .where('log', '=', log)
    .execute();
  return true;
}
