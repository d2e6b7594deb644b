import type { ScanMemory, ScratchRange } from '../../segments/index.js';
import type { ScratchSlot } from '../interpreter/target.js';

const ALIGNMENT = 64;

/** Bytes that a thread may write while it scans: handed out from the bottom up, all at once given back. */
export class Scratch {
  readonly view: DataView;
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  #used: number;
  readonly #end: number;

  constructor(
    readonly memory: WebAssembly.Memory,
    start: number,
    sizeBytes: number,
  ) {
    this.view = new DataView(memory.buffer);
    this.bytes = new Uint8Array(memory.buffer);
    this.#used = start;
    this.#end = start + sizeBytes;
  }

  /** The thread's part; null when there is none worth having. */
  static of({ memory, scratch }: ScanMemory, { index, count }: ScratchSlot): Scratch | null {
    const share = Math.floor(scratch.sizeBytes / count / ALIGNMENT) * ALIGNMENT;
    return share < MIN_BYTES ? null : new Scratch(memory, scratch.offset + index * share, share);
  }

  get freeBytes(): number {
    return this.#end - this.#used;
  }

  /** What nobody has taken. */
  get rest(): ScratchRange {
    return { offset: this.#used, sizeBytes: this.freeBytes };
  }

  /** The address of `sizeBytes`, aligned; what lies there is old. Throws NoRoomError. */
  take(sizeBytes: number): number {
    const address = this.#used;
    const wanted = Math.ceil(sizeBytes / ALIGNMENT) * ALIGNMENT;
    if (wanted > this.freeBytes) throw new NoRoomError();
    this.#used += wanted;
    return address;
  }
}

const MIN_BYTES = 64 * 1024;

/** Too little room for a kernel, found out before it looks at a row: the interpreter needs none. */
export class NoRoomError extends Error {}

/** Null instead of NoRoomError. */
export function unlessFull<T>(run: () => T | null): T | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof NoRoomError) return null;
    throw error;
  }
}
