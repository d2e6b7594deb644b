import { KERNEL_CODE } from './kernel-code.js';

/** What assembly/index.ts exports. Pointers are byte offsets in `memory`; 0 is none. */
interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly at: { readonly value: number };
  readonly rowCount: { readonly value: number };
  readonly nameStart: { readonly value: number };
  readonly nameEnd: { readonly value: number };
  allocate(bytes: number): number;
  memoryBytes(): number;
  powersOfFive(): number;
  addField(name: number, length: number, isTime: number, capacity: number): number;
  emptyDictionary(field: number): void;
  clearColumn(field: number, rowCount: number): void;
  tagsOf(field: number, rowCount: number): number;
  internText(field: number, text: number, length: number): number;
  resolveTexts(field: number, rowCount: number): void;
  setRowCount(count: number): void;
  readLines(
    from: number,
    end: number,
    capacity: number,
    lines: number,
    base: number,
    maxBytes: number,
  ): number;
}

/** How `readLines` comes to its end, as in assembly/rows.ts. */
export const ALL_READ = 0;
export const FULL = 1;
export const NEW_FIELD = 3;

/** Words of a field's record that are read here; assembly/field.ts draws it. */
export const IS_TIME = 3;
export const TAGS = 4;
export const IDS = 5;
export const WORDS = 6;
export const COUNT = 10;
export const STARTS = 11;
export const BYTES = 13;
export const REPEATS = 15;

/** An instance of the kernel, with a memory of its own. */
export class Kernel {
  readonly exports: KernelExports;
  #bytes: Uint8Array<ArrayBuffer>;
  #words: Uint32Array<ArrayBuffer>;

  constructor() {
    this.exports = new WebAssembly.Instance(kernelModule(), {}).exports as unknown as KernelExports;
    const { buffer } = this.exports.memory;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#words.set(powersOfFive(), this.exports.powersOfFive() / 4);
  }

  /** All of its memory. Ask again after each call of an export: growing takes the buffer away. */
  get bytes(): Uint8Array<ArrayBuffer> {
    this.#refresh();
    return this.#bytes;
  }

  get words(): Uint32Array<ArrayBuffer> {
    this.#refresh();
    return this.#words;
  }

  #refresh(): void {
    const { buffer } = this.exports.memory;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
  }
}

let compiled: WebAssembly.Module | null = null;

/** Compiled once per thread, when it is first needed. */
function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(Uint8Array.from(Buffer.from(KERNEL_CODE, 'base64')));
  return compiled;
}

const MAX_POWER = 64;

let fives: Uint32Array | null = null;

/**
 * 5^q for q from -64 to 64: the 128 bits that begin with its first 1 bit, low word first. Rounded as Lemire's
 * proof wants them: down, but up where a reciprocal is so short that its product is to be exact.
 */
function powersOfFive(): Uint32Array {
  if (fives !== null) return fives;
  const words = new BigUint64Array(2 * (2 * MAX_POWER + 1));
  for (let q = -MAX_POWER; q <= MAX_POWER; q++) {
    const bits = leadingBits(q);
    words[2 * (q + MAX_POWER)] = BigInt.asUintN(64, bits);
    words[2 * (q + MAX_POWER) + 1] = bits >> 64n;
  }
  fives = new Uint32Array(words.buffer);
  return fives;
}

function leadingBits(q: number): bigint {
  const power = 5n ** BigInt(Math.abs(q));
  const bits = q < 0 ? (1n << 512n) / power : power << 256n;
  const leading = bits >> BigInt(bits.toString(2).length - 128);
  return q < 0 && q >= -27 ? leading + 1n : leading;
}
