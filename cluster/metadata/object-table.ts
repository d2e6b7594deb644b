import { ConflictError, parseJson } from '../../core/index.js';
import type { SealedSegment } from '../../segments/index.js';
import type { Db, MetadataDatabase } from './database.js';
import { VALUES_PER_STATEMENT } from './segment-rows.js';

/** Who puts objects into deep storage for segments that are not published yet. */
export interface ObjectWriter {
  readonly node: string;
  /** Of the process. */
  readonly incarnation: string;
  /** The task whose segments they are, which the leader publishes; null: the node publishes them itself. */
  readonly taskId: string | null;
}

/** Migrations: who runs one again, however later, goes on with what was stored. No node has this name. */
export const MIGRATION: ObjectWriter = { node: '', incarnation: '', taskId: null };

/** What the metadata say of an object: it is on its way, or a segment has it, be it one that does not count. */
export type ObjectState = 'writing' | 'named';

/** A publish names an object that was given up, or never registered: it may be gone, or go at any moment. */
export class GivenUpObjectError extends ConflictError {
  constructor(dataSource: string, keys: readonly string[]) {
    super(
      `objects of deep storage were not registered for "${dataSource}", or were given up because who wrote them was taken to be gone: ${keys.slice(0, 3).join(', ')}${keys.length > 3 ? ` and ${keys.length - 3} more` : ''}; nothing was published, make the segments anew`,
      { dataSource },
    );
  }
}

/**
 * The objects of deep storage that are being written. A key is registered before its first byte is sent, once and never
 * again, and leaves the table in the transaction that publishes it, or when it is given up: so that a key that was stored,
 * and is neither here nor in a segment, will never be in one.
 */
export class ObjectTable {
  constructor(private readonly database: MetadataDatabase) {}

  /** Says that an object will be written under a key that nobody ever had. */
  async register(key: string, { node, incarnation, taskId }: ObjectWriter): Promise<void> {
    // Not `touch`: an attempt whose outcome is not known must not come true after the key was given up.
    await this.database.write((db) =>
      db.insertInto('object_writes').values({ key, node, incarnation, task_id: taskId }).execute(),
    );
  }

  /** Gives up keys that will not be published; those that were are not among them any more. */
  async release(keys: readonly string[]): Promise<void> {
    for (const some of statements(keys)) {
      await this.database.write((db) =>
        db.deleteFrom('object_writes').where('key', 'in', some).execute(),
      );
    }
  }

  /** All that have keys registered, and may be gone: migrations never are. */
  async writers(): Promise<ObjectWriter[]> {
    const rows = await this.database.read((db) =>
      db
        .selectFrom('object_writes')
        .select(['node', 'incarnation', 'task_id'])
        .where('node', '!=', MIGRATION.node)
        .distinct()
        .execute(),
    );
    return rows.map(({ node, incarnation, task_id: taskId }) => ({ node, incarnation, taskId }));
  }

  /** Gives up all that writers have registered: what they publish later is refused. Gives how many keys that were. */
  giveUp(writers: readonly ObjectWriter[]): Promise<number> {
    return this.database.write(async (db) => {
      let count = 0;
      for (const { node, incarnation, taskId } of writers) {
        const keys = db
          .deleteFrom('object_writes')
          .where('node', '=', node)
          .where('incarnation', '=', incarnation);
        const { numDeletedRows } = await keys
          .where('task_id', taskId === null ? 'is' : '=', taskId)
          .executeTakeFirstOrThrow();
        count += Number(numDeletedRows);
      }
      return count;
    });
  }

  /** What becomes of objects that were listed before; of those that are absent, nothing, and never will. */
  states(keys: readonly string[]): Promise<Map<string, ObjectState>> {
    return this.database.snapshot(async (db) => {
      const states = new Map<string, ObjectState>();
      for (const some of statements(keys)) {
        const named = db
          .selectFrom('segments')
          .select('object_key')
          .where('object_key', 'in', some);
        for (const row of await named.execute()) states.set(row.object_key!, 'named');
        const written = db.selectFrom('object_writes').select('key').where('key', 'in', some);
        for (const { key } of await written.execute()) states.set(key, 'writing');
      }
      for (const key of await unindexedKeys(db)) states.set(key, 'named');
      return states;
    });
  }
}

/**
 * Takes the objects of segments over from who has written them, as a part of the transaction that publishes them. Throws
 * GivenUpObjectError unless all are still registered.
 */
export async function takeObjects(
  db: Db,
  dataSource: string,
  segments: readonly { readonly sealed: Pick<SealedSegment, 'deep'> }[],
): Promise<void> {
  const keys = segments.flatMap(({ sealed }) => sealed.deep?.key ?? []);
  const left = new Set(keys);
  for (const some of statements(keys)) {
    const rows = db.selectFrom('object_writes').select('key').where('key', 'in', some);
    for (const { key } of await rows.execute()) left.delete(key);
    await db.deleteFrom('object_writes').where('key', 'in', some).execute();
  }
  if (left.size > 0) throw new GivenUpObjectError(dataSource, [...left]);
}

/** Objects of segments that were stored without saying so in a column: by older releases, or from another store. */
async function unindexedKeys(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('segments')
    .select('payload')
    .where('object_key', 'is', null)
    .where('payload', 'like', '%"deep":{%')
    .execute();
  return rows.flatMap(({ payload }) => (parseJson(payload) as SealedSegment).deep?.key ?? []);
}

function* statements(keys: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < keys.length; at += VALUES_PER_STATEMENT) {
    yield keys.slice(at, at + VALUES_PER_STATEMENT);
  }
}
