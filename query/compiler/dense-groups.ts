import { COUNT_OFFSET, type Layout } from './layout.js';
import type { Scratch } from './scratch.js';

/** An array of all groups that there may be: those of each call side by side. Of a single group an array of one a call. */
export class DenseGroups {
  readonly address: number;
  /** Of all calls. */
  readonly count: number;

  /** `initial` are the bytes of a group that has seen no row. Throws NoRoomError. */
  constructor(
    private readonly scratch: Scratch,
    private readonly layout: Layout,
    calls: number,
    private readonly initial: Uint8Array,
  ) {
    this.count = denseCount(layout, calls);
    this.address = scratch.take(this.count * layout.stride);
    this.clear();
  }

  addressOfCall(call: number): number {
    return this.address + call * groupsPerCall(this.layout) * this.layout.stride;
  }

  /** Writes all groups anew, by doubling what is there. */
  clear(): void {
    const { bytes } = this.scratch;
    const size = this.count * this.initial.length;
    bytes.set(this.initial, this.address);
    for (let filled = this.initial.length; filled < size; filled *= 2) {
      const length = Math.min(filled, size - filled);
      bytes.copyWithin(this.address + filled, this.address, this.address + length);
    }
  }

  /** As words of 32 bits. */
  get words(): Int32Array {
    return new Int32Array(
      this.scratch.memory.buffer,
      this.address,
      (this.count * this.layout.stride) / 4,
    );
  }

  /** The numbers of those that are there. Most of a large array is empty: one look at a word or two tells. */
  found(): Uint32Array {
    const { strategy, stride } = this.layout;
    const { words, count } = this;
    const low = strategy === 'single' ? COUNT_OFFSET / 4 : 0;
    const high = strategy === 'single' ? low + 1 : 0;
    const numbers = new Uint32Array(count);
    let found = 0;
    for (let group = 0, word = 0; group < count; group++, word += stride / 4) {
      if ((words[word + low]! | words[word + high]!) !== 0) numbers[found++] = group;
    }
    return numbers.subarray(0, found);
  }
}

/** Of one call; 0 in a hash table. */
export const groupsPerCall = ({ strategy, denseGroups }: Layout): number =>
  strategy === 'single' ? 1 : denseGroups;

export const denseCount = (layout: Layout, calls: number): number => groupsPerCall(layout) * calls;
