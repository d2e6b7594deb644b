import { HASH_OFFSET, type Layout } from './layout.js';
import { NoRoomError, type Scratch } from './scratch.js';

/**
 * A hash table of groups, linear probing:
 *
 *     slots    8 bytes each, a power of two of them: the hash of a group u32, its number + 1 u32, 0 where free
 *     entries  `stride` bytes each, in the order of the groups' numbers
 *
 * Slots are small, so that looking for a group touches few cache lines, and a table grows without moving groups.
 */
export const SLOT_BITS = 3;
export const SLOT_NUMBER = 4;

const SLOT_BYTES = 2 ** SLOT_BITS;
const FIRST_CAPACITY = 1024;

/** Slots that are taken, of those there are, at most. */
const FULLEST = 0.6;

/** How many groups fill a table that holds no more than `most`. */
export const groupsWithin = (most: number): number =>
  Math.floor(FULLEST * 2 ** Math.floor(Math.log2(most / FULLEST)));

export interface HashGroupsOptions {
  /** More groups than this need not fit. */
  readonly maxGroups: number;
  /** Slots that are likely to be needed, a power of two. */
  readonly expectedSlots: number;
}

export class HashGroups {
  readonly slots: number;
  readonly entries: number;
  #capacity: number;
  readonly #maxCapacity: number;
  readonly #maxGroups: number;

  /** Takes all room that is left, or what `maxGroups` need. Throws NoRoomError where a block's groups may not fit. */
  constructor(
    private readonly scratch: Scratch,
    private readonly layout: Layout,
    { maxGroups, expectedSlots }: HashGroupsOptions,
  ) {
    const { stride, groupsPerBlock } = layout;
    const bytesPerSlot = SLOT_BYTES + FULLEST * stride;
    const slotsInRoom = Math.max(1, (scratch.freeBytes - 2 * stride - 64) / bytesPerSlot);
    const wanted = Math.max(FIRST_CAPACITY, maxGroups / FULLEST);
    const slots = Math.min(slotsInRoom, 2 ** Math.ceil(Math.log2(wanted)));
    this.#maxCapacity = 2 ** Math.floor(Math.log2(slots));
    this.#maxGroups = Math.min(maxGroups, Math.floor(this.#maxCapacity * FULLEST));
    if (this.#limitOf(this.#maxCapacity) < 0) throw new NoRoomError();
    this.slots = scratch.take(this.#maxCapacity * SLOT_BYTES);
    this.entries = scratch.take((this.#maxGroups + 1) * stride);
    const least = 2 ** Math.ceil(Math.log2((2 * groupsPerBlock) / FULLEST));
    this.#capacity = Math.min(this.#maxCapacity, Math.max(FIRST_CAPACITY, least, expectedSlots));
    this.clear();
  }

  get mask(): number {
    return this.#capacity - 1;
  }

  /** How many groups there may be for those of one more block to find room. */
  get limit(): number {
    return Math.max(0, this.#limitOf(this.#capacity));
  }

  clear(): void {
    // Of shared memory every element is written by itself: the larger, the fewer.
    new Float64Array(this.scratch.memory.buffer, this.slots, this.#capacity).fill(0);
  }

  /** More slots; false when `count` groups are as many as there is room for. */
  grow(count: number): boolean {
    if (this.#capacity >= this.#maxCapacity || count >= this.#limitOf(this.#maxCapacity))
      return false;
    this.#capacity = Math.min(this.#maxCapacity, 4 * this.#capacity);
    this.clear();
    const { buffer } = this.scratch.memory;
    const slots = new Int32Array(buffer, this.slots, 2 * this.#capacity);
    const words = this.layout.stride / 4;
    const entries = new Int32Array(buffer, this.entries, count * words);
    const { mask } = this;
    for (let number = 0; number < count; number++) {
      const hash = entries[number * words + HASH_OFFSET / 4]!;
      let slot = hash & mask;
      while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
      slots[2 * slot] = hash;
      slots[2 * slot + 1] = number + 1;
    }
    return true;
  }

  #limitOf(capacity: number): number {
    return Math.min(Math.floor(capacity * FULLEST), this.#maxGroups) - this.layout.groupsPerBlock;
  }
}
