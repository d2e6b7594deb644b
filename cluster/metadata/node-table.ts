import { parseJson, stringifyJson } from '../../core/index.js';
import type { BeatingRecord, NodeRecord, NodeTable as Nodes } from '../membership/node-record.js';
import type { NodeRole } from '../transport/types.js';
import type { MetadataDatabase } from './database.js';

/** The processes of the cluster. */
export class NodeTable implements Nodes {
  constructor(private readonly database: MetadataDatabase) {}

  /** Adds a node, in the place of an older process of the same name. */
  async register(node: NodeRecord): Promise<void> {
    const values = {
      incarnation: node.incarnation,
      url: node.url,
      roles: stringifyJson(node.roles),
      tier: node.tier,
      priority: node.priority,
      capacity_bytes: node.capacityBytes,
      task_slots: node.taskSlots,
      version: node.version,
      protocol: node.protocol,
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
  async list(): Promise<BeatingRecord[]> {
    const rows = await this.database.read((db) =>
      db.selectFrom('nodes').selectAll().orderBy('name').execute(),
    );
    return rows.map((row) => ({
      name: row.name,
      incarnation: row.incarnation,
      url: row.url,
      roles: parseJson(row.roles) as NodeRole[],
      tier: row.tier,
      priority: row.priority,
      capacityBytes: row.capacity_bytes,
      taskSlots: row.task_slots,
      version: row.version,
      protocol: row.protocol,
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
