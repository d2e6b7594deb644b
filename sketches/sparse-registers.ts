import { scatteredStep } from './scattered-step.js';
import { RANK_BITS } from './sketch-entry.js';

/**
 * The registers of a HyperLogLog of 2^25 buckets of which few are in use: at most one entry (see
 * `sketch-entry.ts`), that of the highest rank, for each bucket. They lie in one of two forms:
 *
 *     sorted   ascending: what was decoded or merged, and is read from then on
 *     slots    a hash table, open addressing, linear probing, at most three quarters full, 0 where
 *              free: from the first entry that comes alone
 */
export class SparseRegisters {
  /** In either form. */
  private entries = NO_ENTRIES;
  private isTable = false;
  private used = 0;

  /** Of ascending entries, no two of one bucket. Nobody writes to the array any more. */
  static ofSorted(entries: Uint32Array<ArrayBuffer>): SparseRegisters {
    const registers = new SparseRegisters();
    registers.entries = entries;
    registers.used = entries.length;
    return registers;
  }

  /** How many buckets are in use. */
  get count(): number {
    return this.used;
  }

  /** Raises the bucket of `entry` to its rank. */
  add(entry: number): void {
    if (!this.isTable) this.makeTable(Math.max(8, 2 ** Math.ceil(Math.log2(2 * this.used + 1))));
    else if (this.used * 4 >= this.entries.length * 3) this.makeTable(2 * this.entries.length);
    this.put(entry);
  }

  /** Raises buckets to the ranks of others, in one pass where both are sorted and much alike in size. */
  merge(other: SparseRegisters): void {
    if (this.isTable || other.isTable || 4 * other.used < this.used) {
      const entries = other.unsorted();
      for (let i = 0; i < entries.length; i++) this.add(entries[i]!);
    } else {
      this.entries = union(this.entries, other.entries);
      this.used = this.entries.length;
    }
  }

  /** The entries, ascending: by bucket, since each has one. */
  sorted(): Uint32Array<ArrayBuffer> {
    return this.isTable ? this.unsorted().sort() : this.entries;
  }

  /** The entries in an order in which other registers take them in evenly. */
  unsorted(): Uint32Array<ArrayBuffer> {
    const slots = this.entries;
    if (!this.isTable) return slots;
    const entries = new Uint32Array(this.used);
    const step = scatteredStep(slots.length);
    for (let at = 0, count = 0; count < entries.length; at = (at + step) & (slots.length - 1)) {
      if (slots[at] !== 0) entries[count++] = slots[at]!;
    }
    return entries;
  }

  copy(): SparseRegisters {
    const copy = new SparseRegisters();
    copy.entries = this.isTable ? this.entries.slice() : this.entries;
    copy.isTable = this.isTable;
    copy.used = this.used;
    return copy;
  }

  private put(entry: number): void {
    const slots = this.entries;
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

  private makeTable(slotCount: number): void {
    const old = this.entries;
    this.entries = new Uint32Array(slotCount);
    this.isTable = true;
    this.used = 0;
    for (let i = 0; i < old.length; i++) if (old[i] !== 0) this.put(old[i]!);
  }
}

const NO_ENTRIES = new Uint32Array(0);

let unionRoom = new Uint32Array(1024);

/** The higher entry of each bucket of two ascending lists; nobody writes to any of the three. */
function union(a: Uint32Array, b: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  if (a.length === 0) return b;
  if (unionRoom.length < a.length + b.length)
    unionRoom = new Uint32Array(2 * (a.length + b.length));
  const merged = unionRoom;
  let [i, j, count] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const [left, right] = [a[i]!, b[j]!];
    const isLeft = left >>> RANK_BITS <= right >>> RANK_BITS;
    const isRight = left >>> RANK_BITS >= right >>> RANK_BITS;
    merged[count++] = !isRight || (isLeft && left > right) ? left : right;
    if (isLeft) i++;
    if (isRight) j++;
  }
  for (; i < a.length; i++) merged[count++] = a[i]!;
  for (; j < b.length; j++) merged[count++] = b[j]!;
  return merged.slice(0, count);
}
