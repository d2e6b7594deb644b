import { unsignedView } from '../encodings/content.js';
import type { BlockEntry, ColumnEntry } from '../format/directory.js';

/** The block that says where texts begin: "….offsets" for "….bytes". Undefined for a block without one. */
export const offsetsOf = (block: BlockEntry, { blocks }: ColumnEntry): BlockEntry | undefined =>
  blocks.find(
    ({ name }) => name !== block.name && name === block.name.replace(/bytes$/, 'offsets'),
  );

/** Pages of u32 as such. */
export function* wordsOf(pages: Iterable<Uint8Array>): Generator<Uint32Array> {
  for (const page of pages) yield unsignedView(page, 4) as Uint32Array;
}

/** Says where texts begin, page by page, from the offsets of all of them: those of pages that were taken are forgotten. */
export class TextCuts {
  #page: Uint32Array = new Uint32Array(0);
  #at = 0;
  #last = 0;

  constructor(private readonly offsets: Iterator<Uint32Array>) {}

  /**
   * Where texts begin in bytes [start, end), as distances from `start`, ascending, `start` itself left out. Pages are
   * asked for in order. Offsets that do not ascend are passed over, so that any give the same answer twice.
   */
  take(start: number, end: number): number[] {
    const cuts: number[] = [];
    this.#last = start;
    for (let offset = this.#peek(); offset !== null && offset < end; offset = this.#peek()) {
      this.#at++;
      if (offset <= this.#last) continue;
      cuts.push(offset - start);
      this.#last = offset;
    }
    return cuts;
  }

  #peek(): number | null {
    while (this.#at >= this.#page.length) {
      const { value, done } = this.offsets.next();
      if (done) return null;
      this.#page = value;
      this.#at = 0;
    }
    return this.#page[this.#at]!;
  }
}
