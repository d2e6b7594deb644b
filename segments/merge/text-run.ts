import { invariant } from '../../core/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { ByteStream } from './byte-stream.js';
import type { MergeFile } from './merge-file.js';

/** The texts of a dictionary in a file, one after another; null, where it is one of them, is passed over. */
export class TextRun {
  readonly #offsets: ByteStream;
  readonly #bytes: ByteStream;
  readonly #offsetsStart: number;
  readonly #bytesStart: number;
  /** How many entries the dictionary has, null included. */
  readonly size: number;
  readonly hasNull: boolean;
  #id: number;
  #text: Uint8Array = new Uint8Array(0);

  constructor(file: MergeFile, entry: ColumnEntry, bufferBytes: number) {
    const [bytes, offsets] = ['dictionary.bytes', 'dictionary.offsets'].map((name) =>
      entry.blocks.find((block) => block.name === name),
    );
    invariant(bytes !== undefined && offsets !== undefined, `${entry.name} has a dictionary`);
    const read = (target: Uint8Array, offset: number) => file.read(target, offset);
    this.#offsetsStart = offsets.offset;
    this.#bytesStart = bytes.offset;
    this.#offsets = new ByteStream(read, offsets.offset + offsets.length, bufferBytes);
    this.#bytes = new ByteStream(read, bytes.offset + bytes.length, bufferBytes);
    this.size = Number(entry.parameters.size);
    this.hasNull = entry.stats.hasNulls;
    this.#id = this.hasNull ? 0 : -1;
  }

  /** Of the current text. */
  get id(): number {
    return this.#id;
  }

  /** Valid until the next one. */
  get text(): Uint8Array {
    return this.#text;
  }

  /** Moves on to the next text; false when there is none. */
  next(): boolean {
    if (++this.#id >= this.size) return false;
    const bounds = this.#offsets.at(this.#offsetsStart + 4 * this.#id, 8);
    const from = wordAt(bounds, 0);
    this.#text = this.#bytes.at(this.#bytesStart + from, wordAt(bounds, 4) - from);
    return true;
  }
}

/** The u32 at a place, wherever it lies. */
export const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

/** In the order of their bytes, a shorter one before a longer one that it begins. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
