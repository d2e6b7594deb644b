import { FencedError } from '../../core/index.js';
import type { Db, MetadataDatabase } from './database.js';

/** What is written of who leads. */
export interface Lease {
  /** Null: nobody does. */
  readonly holder: string | null;
  /** Grows by one with every holder. */
  readonly epoch: number;
  /** Grows while the holder lives. */
  readonly beat: number;
}

/** A lease as its holder has it. */
export interface HeldLease {
  readonly name: string;
  readonly epoch: number;
}

/** Who leads, by the name of what is led. No clock says for how long: see `LeaderLease`. */
export class LeaseTable {
  constructor(private readonly database: MetadataDatabase) {}

  /** Null: nobody ever had it. */
  async get(name: string): Promise<Lease | null> {
    const row = await this.database.read((db) =>
      db
        .selectFrom('leases')
        .select(['holder', 'epoch', 'beat'])
        .where('name', '=', name)
        .executeTakeFirst(),
    );
    return row ?? null;
  }

  /** Takes a lease that is still as it was `seen`, in the next epoch; null when it is not. No two processes give the same holder. */
  async acquire(name: string, holder: string, seen: Lease | null): Promise<HeldLease | null> {
    const epoch = (seen?.epoch ?? 0) + 1;
    const beat = (seen?.beat ?? 0) + 1;
    await this.database.touch(async (db) => {
      if (seen === null) {
        const first = db.insertInto('leases').values({ name, holder, epoch, beat });
        await first.onConflict((conflict) => conflict.doNothing()).execute();
        return;
      }
      const lease = db.updateTable('leases').set({ holder, epoch, beat }).where('name', '=', name);
      await lease.where('epoch', '=', seen.epoch).where('beat', '=', seen.beat).execute();
    });
    const now = await this.get(name);
    return now?.holder === holder && now.epoch === epoch ? { name, epoch } : null;
  }

  /** Says that the holder lives; false when another one has the lease. */
  renew({ name, epoch }: HeldLease): Promise<boolean> {
    return this.database.touch(async (db) => {
      const lease = db
        .updateTable('leases')
        .set(({ eb }) => ({ beat: eb('beat', '+', 1) }))
        .where('name', '=', name);
      const { numUpdatedRows } = await lease
        .where('epoch', '=', epoch)
        .where('holder', 'is not', null)
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    });
  }

  /** Gives a lease back: the next one need not wait. */
  async resign({ name, epoch }: HeldLease): Promise<void> {
    await this.database.touch(async (db) => {
      // The epoch ends here: what its holder still has under way is refused.
      const lease = db.updateTable('leases').set(({ eb }) => ({
        holder: null,
        epoch: eb('epoch', '+', 1),
      }));
      await lease.where('name', '=', name).where('epoch', '=', epoch).execute();
    });
  }
}

/**
 * Throws FencedError unless the lease is still in this epoch, as a part of the caller's transaction; it stays so until
 * that ends.
 */
export async function checkEpoch(
  db: Db,
  kind: MetadataDatabase['kind'],
  { name, epoch }: HeldLease,
): Promise<void> {
  const lease = db.selectFrom('leases').select(['holder', 'epoch']).where('name', '=', name);
  // Beats do not wait for this lock; who takes the lease over does.
  const row = await (kind === 'postgres' ? lease.forKeyShare() : lease).executeTakeFirst();
  if (row?.epoch === epoch && row.holder !== null) return;
  throw new FencedError(
    `the lease "${name}" is in epoch ${row?.epoch ?? 0}, held by ${row?.holder ?? 'nobody'}, not in epoch ${epoch} any more; nothing was changed`,
    name,
  );
}
