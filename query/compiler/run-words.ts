import type { RowSource } from '../../model/index.js';
import type { KernelBuilder } from './kernel-builder.js';
import type { Grains } from './time-pieces.js';
import { type Code, get } from './wasm/code.js';

/** Made for rows: reads 64 bits at the row that they stand on. */
type OpenWord = (source: RowSource) => () => bigint;

/**
 * What a plan needs of `__time` that is the same for all rows of a run (see `row-runs.ts`): kernels find it in
 * words that are set anew for every run.
 */
export class RunWords {
  /** Where words may change. */
  readonly grains: Grains[number][] = [];
  readonly #words: OpenWord[] = [];

  /** Gives how a kernel reads the word, an i64. */
  add(grains: Grains, open: OpenWord): (kernel: KernelBuilder) => Code {
    const index = this.#words.push(open) - 1;
    this.grains.push(...grains);
    return (kernel) => get(kernel.runWord(index));
  }

  /** All words at the row that the source stands on. */
  readers(source: RowSource): (() => bigint)[] {
    return this.#words.map((open) => open(source));
  }
}
