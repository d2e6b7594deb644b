import { ResourceLimitError } from '../../core/index.js';
import { Part } from './part.js';

const MAX_BYTES = 2 ** 32 - 1;

/** Byte strings, one after another, and where each begins: the texts of a dictionary, or sketches. */
export class ByteStrings {
  readonly bytes: Part;
  /** (count + 1) × u32. */
  readonly offsets: Part;

  constructor(bytesName: string, offsetsName: string) {
    this.bytes = new Part(bytesName, 1);
    this.offsets = new Part(offsetsName, 4);
  }

  get count(): number {
    return Math.max(0, this.offsets.count - 1);
  }

  /** Asks for room for so many more strings. Throws ResourceLimitError when they are too long together. */
  reserve(count: number, bytes: number): void {
    const total = this.bytes.count + bytes;
    if (total > MAX_BYTES) throw tooLarge(total);
    this.bytes.need(total);
    this.offsets.need(this.count + count + 1);
  }

  /**
   * Adds strings for which there is room: `bytes` has them one after another.
   */
  store(bytes: Uint8Array, lengths: Uint32Array): void {
    const offsets = this.offsets.u32();
    let { count } = this;
    offsets[0] = 0;
    let used = this.bytes.count;
    this.bytes.bytes.set(bytes, used);
    for (let i = 0; i < lengths.length; i++) {
      used += lengths[i]!;
      offsets[++count] = used;
    }
    this.bytes.count = used;
    this.offsets.count = count + 1;
  }
}

function tooLarge(amount: number): ResourceLimitError {
  return new ResourceLimitError(
    `the texts or sketches of one column take more than ${MAX_BYTES} bytes; use fewer rows per segment`,
    MAX_BYTES,
    amount,
  );
}
