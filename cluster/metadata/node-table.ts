import { parseJson, stringifyJson } from '../../core/index.js';
import type { MetadataDatabase } from './database.js';

/** What a process of the cluster says of itself. */
export interface NodeRegistration {
  readonly name: string;
  /** Of this process: no two have the same. */
  readonly incarnation: string;
  /** Where others reach it. */
  readonly url: string;
  readonly roles: readonly string[];
  readonly tier: string;
  /** Segments are asked for where it is highest. */
  readonly priority: number;
  /** Of segment files. */
  readonly capacityBytes: number;
  readonly taskSlots: number;
  /** Of Varve. */
  readonly version: string;
}

export interface RegisteredNode extends NodeRegistration {
  /** Grows while the process lives; whoever looks judges by their own clock whether it does. */
  readonly beat: number;
}

/** The processes of the cluster. */
export class NodeTable {
  constructor(private readonly database: MetadataDatabase) {}

  /** Adds a node, in the place of an older process of the same name. */
  async register(node: NodeRegistration): Promise<void> {
    const values = {
      incarnation: node.incarnation,
      url: node.url,
      roles: stringifyJson(node.roles),
      tier: node.tier,
      priority: node.priority,
      capacity_bytes: node.capacityBytes,
      task_slots: node.taskSlots,
      version: node.version,
    };
    await this.database.touch((db) =>
      db
        .insertInto('nodes')
        .values({ name: node.name, ...values, beat: 1 })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet(({ eb, ref }) => ({ ...values, beat: eb(ref('nodes.beat'), '+', 1) })),
        )
        .execute(),
    );
  }

  /** Says that a node lives; false when it was removed, or another process has its name now. */
  beat(name: string, incarnation: string): Promise<boolean> {
    return this.database.touch(async (db) => {
      const node = db
        .updateTable('nodes')
        .set(({ eb }) => ({ beat: eb('beat', '+', 1) }))
        .where('name', '=', name);
      const { numUpdatedRows } = await node
        .where('incarnation', '=', incarnation)
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    });
  }

  /** All of them, by name, also those that do not live any more. */
  async list(): Promise<RegisteredNode[]> {
    const rows = await this.database.read((db) =>
      db.selectFrom('nodes').selectAll().orderBy('name').execute(),
    );
    return rows.map((row) => ({
      name: row.name,
      incarnation: row.incarnation,
      url: row.url,
      roles: parseJson(row.roles) as string[],
      tier: row.tier,
      priority: row.priority,
      capacityBytes: row.capacity_bytes,
      taskSlots: row.task_slots,
      version: row.version,
      beat: row.beat,
    }));
  }

  /** Forgets a process, but not one that has taken its name since. */
  async remove(name: string, incarnation: string): Promise<void> {
    await this.database.touch((db) => {
      const node = db.deleteFrom('nodes').where('name', '=', name);
      return node.where('incarnation', '=', incarnation).execute();
    });
  }
}
