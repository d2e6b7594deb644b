import type { Kysely, Transaction } from 'kysely';
import {
  type Clock,
  ConflictError,
  invariant,
  type JsonObject,
  parseJson,
  stringifyJson,
} from '../../core/index.js';
import {
  checkTableName,
  type HandoffRequest,
  type PushCatalog,
  type StoredTable,
} from '../../ingest/index.js';
import { publishSegments } from './publish-segments.js';
import type { MetadataTables } from './schema.js';

/** The tables that rows are pushed into: their specs, and how much of the push log is published. */
export class PushTable implements PushCatalog {
  constructor(
    private readonly db: Kysely<MetadataTables>,
    private readonly clock: Clock,
  ) {}

  async tables(): Promise<StoredTable[]> {
    const versions = new Map<string, JsonObject[]>();
    const specs = this.db.selectFrom('push_specs').select(['name', 'spec']).orderBy('version');
    for (const { name, spec } of await specs.execute()) {
      const list = versions.get(name) ?? [];
      versions.set(name, list);
      list.push(parseJson(spec) as JsonObject);
    }
    const rows = this.db.selectFrom('push_tables').select(['name', 'position']).orderBy('name');
    return (await rows.execute()).map(({ name, position }) => ({
      name,
      versions: versions.get(name) ?? [],
      position,
    }));
  }

  /** Where each table stands. */
  async positions(): Promise<Map<string, number>> {
    const rows = await this.db.selectFrom('push_tables').select(['name', 'position']).execute();
    return new Map(rows.map(({ name, position }) => [name, position]));
  }

  async declare(name: string, spec: JsonObject, position: number): Promise<number> {
    checkTableName(name, 'table');
    return this.db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('push_tables')
        .values({ name, position, previous_position: null })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute();
      const { last } = await transaction
        .selectFrom('push_specs')
        .select(({ fn }) => fn.max('version').as('last'))
        .where('name', '=', name)
        .executeTakeFirstOrThrow();
      const version = Number(last ?? 0) + 1;
      const created_ms = this.clock.nowMs();
      await transaction
        .insertInto('push_specs')
        .values({ name, version, spec: stringifyJson(spec), created_ms })
        .execute();
      return version;
    });
  }

  async publish(request: HandoffRequest): Promise<void> {
    const { table, from, to } = request;
    invariant(from < to, 'a handoff moves the position on');
    await this.db.transaction().execute(async (transaction) => {
      if (!(await movePosition(transaction, request))) return;
      // No task can have this name: a slash is not legal in one.
      const taskId = `push/${table}/${from}-${to}`;
      for (const [dataSource, { segments, chunkIntervals }] of request.segments) {
        await publishSegments(transaction, this.clock, {
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
    });
  }
}

/** False when this very handoff was committed before. Throws ConflictError when another one was. */
async function movePosition(
  db: Transaction<MetadataTables>,
  { table, from, to }: HandoffRequest,
): Promise<boolean> {
  const row = await db
    .selectFrom('push_tables')
    .select(['position', 'previous_position'])
    .where('name', '=', table)
    .executeTakeFirst();
  if (row?.position === to && row.previous_position === from) return false;
  if (row?.position !== from) {
    throw new ConflictError(
      `the table "${table}" cannot be published from position ${from} on: it stands at ${row?.position ?? 'none'}; read the metadata again`,
      { table },
    );
  }
  await db
    .updateTable('push_tables')
    .set({ position: to, previous_position: from })
    .where('name', '=', table)
    .execute();
  return true;
}
