import { emitScatter } from './emit-scatter.js';
import { type BlockSink, type GroupBlock, PARTITIONS } from './group-blocks.js';
import type { HashGroups } from './hash-groups.js';
import type { KernelBuilder } from './kernel-builder.js';
import type { Kernel, KernelCache } from './kernel-cache.js';
import { Parameters } from './parameters.js';
import type { Scratch } from './scratch.js';

/** By stride. */
const scatters = new Map<number, KernelBuilder>();

/** Makes blocks of the entries of a hash table. */
export class BlockWriter {
  /** How many entries there is room for. */
  readonly capacity: number;
  readonly #kernel: Kernel;
  readonly #parameters: Parameters;
  readonly #into: number;
  readonly #ends: number;

  /** Takes `bytes` of the room. Throws NoRoomError. */
  constructor(
    private readonly scratch: Scratch,
    cache: KernelCache,
    private readonly stride: number,
    bytes: number,
  ) {
    const builder = scatters.get(stride) ?? emitScatter(stride);
    scatters.set(stride, builder);
    this.#kernel = cache.kernel(builder, scratch.memory);
    this.#parameters = new Parameters(scratch, builder);
    this.capacity = Math.floor(bytes / stride);
    this.#into = scratch.take(this.capacity * stride);
    this.#ends = scratch.take(4 * PARTITIONS);
  }

  blockOf({ entries }: HashGroups, count: number, sink: BlockSink): GroupBlock {
    const { buffer } = this.scratch.memory;
    const ends = new Uint32Array(buffer, this.#ends, PARTITIONS).fill(0);
    this.#parameters.set('states', entries);
    this.#parameters.set('slots', this.#into);
    this.#parameters.set('count', this.#ends);
    this.#kernel(this.#parameters.address, 0, count);
    return sink(new Int32Array(buffer, this.#into, (count * this.stride) / 4), ends.slice());
  }
}
