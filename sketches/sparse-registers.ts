/**
 * The registers of a HyperLogLog of 2^25 buckets of which few are in use: a hash table of entries
 *
 *     bit 31 … 7   bucket, 25 bits
 *     bit  6 … 0   rank, 1 to 65 (so that 0 marks a free slot)
 *
 * with at most one entry, that of the highest rank, for each bucket. Open addressing, linear
 * probing, at most three quarters full.
 */
export class SparseRegisters {
  private slots = new Uint32Array(8);
  private used = 0;

  /** How many buckets are in use. */
  get count(): number {
    return this.used;
  }

  /** Raises the bucket of `entry` to its rank. */
  add(entry: number): void {
    if (this.used * 4 >= this.slots.length * 3) this.grow();
    this.put(entry);
  }

  /** The entries, ascending: by bucket, since each has one. */
  sorted(): Uint32Array {
    return this.entries().sort();
  }

  /** The entries in no particular order, as a copy. */
  entries(): Uint32Array {
    return this.slots.filter((entry) => entry !== 0);
  }

  copy(): SparseRegisters {
    const copy = new SparseRegisters();
    copy.slots = this.slots.slice();
    copy.used = this.used;
    return copy;
  }

  private put(entry: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    const bucket = entry >>> RANK_BITS;
    // The bucket is already hash bits; any of them choose the slot.
    for (let slot = bucket & mask; ; slot = (slot + 1) & mask) {
      const found = slots[slot]!;
      if (found === 0) {
        slots[slot] = entry;
        this.used++;
        return;
      }
      if (found >>> RANK_BITS === bucket) {
        if (entry > found) slots[slot] = entry;
        return;
      }
    }
  }

  private grow(): void {
    const old = this.entries();
    this.slots = new Uint32Array(this.slots.length * 2);
    this.used = 0;
    for (const entry of old) this.put(entry);
  }
}

export const RANK_BITS = 7;

export const SPARSE_BUCKET_BITS = 25;
