import type { KernelBuilder } from './kernel-builder.js';
import { encodeModule } from './wasm/module.js';

/** `scan(parameters, from, to)`: the row at which it stopped. */
export type Kernel = (parameters: number, from: number, to: number) => number;

interface CachedModule {
  readonly module: WebAssembly.Module;
  readonly kernels: WeakMap<WebAssembly.Memory, Kernel>;
}

const DEFAULT_CAPACITY = 256;

/**
 * Compiled modules by their bytes, which depend on the shape of a plan alone. The one unused for
 * longest goes when there are too many, so that a process that sees ever new shapes does not grow.
 */
export class KernelCache {
  readonly #modules = new Map<string, CachedModule>();
  /** Of kernels that are asked for again, which need not be encoded again. */
  readonly #known = new WeakMap<KernelBuilder, CachedModule>();

  constructor(private readonly capacity = DEFAULT_CAPACITY) {}

  get size(): number {
    return this.#modules.size;
  }

  kernel(builder: KernelBuilder, memory: WebAssembly.Memory): Kernel {
    const cached = this.#known.get(builder) ?? this.#module(encodeModule(builder.fn));
    this.#known.set(builder, cached);
    const known = cached.kernels.get(memory);
    if (known !== undefined) return known;
    const { exports } = new WebAssembly.Instance(cached.module, { env: { memory } });
    const kernel = exports.scan as Kernel;
    cached.kernels.set(memory, kernel);
    return kernel;
  }

  #module(bytes: Uint8Array<ArrayBuffer>): CachedModule {
    const key = Buffer.from(bytes.buffer).toString('latin1');
    const known = this.#modules.get(key);
    if (known !== undefined) {
      this.#modules.delete(key);
      this.#modules.set(key, known);
      return known;
    }
    const made = { module: new WebAssembly.Module(bytes), kernels: new WeakMap() };
    this.#modules.set(key, made);
    if (this.#modules.size > this.capacity) {
      const [oldest] = this.#modules.keys();
      this.#modules.delete(oldest!);
    }
    return made;
  }
}
