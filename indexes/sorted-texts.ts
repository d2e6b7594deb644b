import { utf8Encode } from '../core/index.js';
import { bytesOf, wordsOf } from './blocks.js';
import type { BlockSink, LoadedBlocks, WrittenIndex } from './types.js';

/**
 * Texts, ascending by their UTF-8 and distinct, as two blocks:
 *
 *     keys.bytes      all texts, one after another
 *     keys.offsets    (texts + 1) × u32: text i is bytes [offsets[i], offsets[i + 1])
 */
export function writeTexts(texts: readonly string[], sink: BlockSink): void {
  const encoded = texts.map(utf8Encode);
  const offsets = new Uint32Array(texts.length + 1);
  for (const [i, { length }] of encoded.entries()) offsets[i + 1] = offsets[i]! + length;
  sink.block('keys.bytes', encoded);
  sink.block('keys.offsets', [bytesOf(offsets)]);
}

/** What is wrong with the two blocks in a directory; null when their lengths fit. */
export function checkTexts({ blocks }: WrittenIndex, count: number): string | null {
  const offsets = blocks.find(({ name }) => name === 'keys.offsets');
  if (blocks.every(({ name }) => name !== 'keys.bytes')) return 'block "keys.bytes" is missing';
  return offsets?.length === 4 * (count + 1)
    ? null
    : 'block "keys.offsets" is missing or too short';
}

/** Finds texts in their blocks. Bytes that no writer wrote are not found, or found in another place. */
export class SortedTexts {
  readonly #bytes: Uint8Array;
  readonly #offsets: Uint32Array;

  constructor(blocks: LoadedBlocks) {
    this.#bytes = blocks.bytes('keys.bytes');
    this.#offsets = wordsOf(blocks.bytes('keys.offsets'));
  }

  /** The place of a text; null when it is none of them. */
  find(text: string): number | null {
    const wanted = utf8Encode(text);
    let low = 0;
    let high = this.#offsets.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const found = this.#bytes.subarray(this.#offsets[middle]!, this.#offsets[middle + 1]!);
      const order = Buffer.compare(found, wanted);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return null;
  }
}
