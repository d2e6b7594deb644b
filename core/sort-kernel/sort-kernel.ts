import { KERNEL_CODE } from './kernel-code.js';

/** What assembly/index.ts exports. Pointers are byte offsets in `memory`. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly items: { readonly value: number };
  sort(count: number): number;
  merge(count: number): number;
}

/** The kernel of this thread; its memory never grows. */
export interface SortKernel {
  /** Where doubles are put that are to be sorted, room for `MOST`. */
  readonly items: Float64Array;
  /** Those of the first `count` items, ascending, until the next call; null where one of them is -0. `count` is a power of 2 from 16 on. */
  sorted(count: number): Float64Array | null;
  /** The items of two ascending runs of `count` each, one behind the other, together, until the next call. */
  merged(count: number): Float64Array;
}

/** There is no room for more. */
export const MOST = 4096;

let instance: SortKernel | null = null;

/** Compiled when it is first needed. */
export function sortKernel(): SortKernel {
  instance ??= newKernel();
  return instance;
}

function newKernel(): SortKernel {
  const module = new WebAssembly.Module(Uint8Array.from(Buffer.from(KERNEL_CODE, 'base64')));
  const exports = new WebAssembly.Instance(module, {}).exports as unknown as Exports;
  const all = new Float64Array(exports.memory.buffer);
  const start = exports.items.value / 8;
  const items = all.subarray(start, start + MOST);
  return {
    items,
    sorted(count) {
      const at = exports.sort(count) / 8;
      return at === 0 ? null : all.subarray(at, at + count);
    },
    merged(count) {
      const at = exports.merge(count) / 8;
      return all.subarray(at, at + 2 * count);
    },
  };
}
