import { utf8Encode } from '../../core/index.js';
import type { TextRange } from '../../model/index.js';
import type { ScanTexts } from '../../segments/index.js';
import { type CodeRange, type CodeSet, setOfRanges, setOfTable } from './code-set.js';
import { findPieceIn } from './find-piece.js';
import type { Scratch } from './scratch.js';

/** Codes that come out of a search at a time, and the longest piece that is searched for. */
const MAX_FOUND = 8192;
const MAX_PIECE_BYTES = 16_384;

/**
 * A dictionary of texts, searched by its bytes: no text is ever made. Codes are positions in it. Where it is sorted what
 * is searched is found by halving; else all texts are looked at, in one pass.
 */
export class TextBytes {
  readonly #bytes: Uint8Array;
  readonly #offsets: Uint32Array;
  readonly #first: number;

  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly texts: ScanTexts,
    private readonly size: number,
    /** Codes before it are none of the search: of a dictionary in order of arrival. */
    from = 0,
  ) {
    const { buffer } = memory;
    this.#offsets = new Uint32Array(buffer, texts.offsets, size + 1);
    this.#bytes = new Uint8Array(buffer, texts.bytes, this.#offsets[size]!);
    this.#first = Math.max(from, texts.hasNull ? 1 : 0);
  }

  get hasNull(): boolean {
    return this.texts.hasNull;
  }

  /** A walk over all texts is worth remembering. */
  get isSorted(): boolean {
    return this.texts.isSorted;
  }

  /** Tells where each text is, in the order of their codes. */
  each(visit: (code: number, bytes: Uint8Array, from: number, to: number) => void): void {
    const [bytes, offsets] = [this.#bytes, this.#offsets];
    for (let code = this.#first; code < this.size; code++) {
      visit(code, bytes, offsets[code]!, offsets[code + 1]!);
    }
  }

  /** The codes of texts, each of which has one or none. */
  equal(texts: readonly string[]): CodeSet {
    const wanted = texts.map(utf8Encode);
    if (this.isSorted) {
      const ranges = wanted.map((text): CodeRange => {
        const from = this.#atLeast(text);
        const isThere = from < this.size && this.#compare(from, text) === 0;
        return { from, to: isThere ? from + 1 : from };
      });
      return setOfRanges(ranges, this.size);
    }
    const byLength = new Map<number, Uint8Array[]>();
    for (const text of wanted) {
      byLength.set(text.length, [...(byLength.get(text.length) ?? []), text]);
    }
    const found: CodeRange[] = [];
    for (let code = this.#first; code < this.size; code++) {
      const alike = byLength.get(this.#length(code, code + 1));
      if (alike?.some((text) => this.#compare(code, text) === 0)) {
        found.push({ from: code, to: code + 1 });
      }
    }
    return setOfRanges(found, this.size);
  }

  within({ lower, upper, lowerStrict, upperStrict }: TextRange): CodeSet {
    const [least, most] = [lower, upper].map((text) => (text === null ? null : utf8Encode(text)));
    if (!this.isSorted) {
      return this.#setOf((code) => {
        if (least && this.#compare(code, least) < (lowerStrict ? 1 : 0)) return false;
        return !most || this.#compare(code, most) <= (upperStrict ? -1 : 0);
      });
    }
    const bound = (text: Uint8Array, isAbove: boolean) =>
      isAbove ? this.#above(text) : this.#atLeast(text);
    const from = least ? bound(least, lowerStrict) : this.#first;
    const to = most ? bound(most, !upperStrict) : this.size;
    return setOfRanges([{ from, to }], this.size);
  }

  beginningWith(prefix: string): CodeSet {
    const bytes = utf8Encode(prefix);
    if (bytes.length === 0) return setOfRanges([{ from: this.#first, to: this.size }], this.size);
    if (!this.isSorted)
      return this.#setOf((code) => this.#compare(code, bytes, bytes.length) === 0);
    const to = this.#firstThat((code) => this.#compare(code, bytes, bytes.length) > 0);
    return setOfRanges([{ from: this.#atLeast(bytes), to }], this.size);
  }

  /** Marks the codes of a range whose texts hold the piece, at their end if so asked. */
  markHolding(
    piece: string,
    isAtEnd: boolean,
    { from, to }: CodeRange,
    table: Uint8Array,
    scratch: Scratch,
  ): void {
    const bytes = utf8Encode(piece);
    const found = scratch.take(4 * MAX_FOUND);
    const address = scratch.take(bytes.length);
    scratch.bytes.set(bytes, address);
    const find = findPieceIn(this.memory);
    const codes = new Uint32Array(this.memory.buffer, found, MAX_FOUND);
    let count = MAX_FOUND;
    for (let code = from; count === MAX_FOUND && this.#length(code, to) >= bytes.length; ) {
      count = find({
        piece: address,
        length: bytes.length,
        bytes: this.texts.bytes,
        offsets: this.texts.offsets,
        code,
        endCode: to,
        found,
        limit: MAX_FOUND,
        isAtEnd: Number(isAtEnd),
      });
      for (let i = 0; i < count; i++) table[codes[i]!] = 1;
      code = codes[count - 1]! + 1;
    }
  }

  /** Bytes of the texts of [from, to). */
  #length(from: number, to: number): number {
    return this.#offsets[to]! - this.#offsets[from]!;
  }

  #setOf(accepts: (code: number) => boolean): CodeSet {
    const table = new Uint8Array(this.size);
    for (let code = this.#first; code < this.size; code++) table[code] = Number(accepts(code));
    return setOfTable(table);
  }

  #atLeast(bytes: Uint8Array): number {
    return this.#firstThat((code) => this.#compare(code, bytes) >= 0);
  }

  #above(bytes: Uint8Array): number {
    return this.#firstThat((code) => this.#compare(code, bytes) > 0);
  }

  /** Where a test, false and then true along the texts, begins to be true. */
  #firstThat(test: (code: number) => boolean): number {
    let [from, to] = [this.#first, this.size];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (test(middle)) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  /** The order of a text, or of its first bytes, and others. */
  #compare(code: number, other: Uint8Array, length = Number.POSITIVE_INFINITY): number {
    const bytes = this.#bytes;
    const start = this.#offsets[code]!;
    const end = Math.min(this.#offsets[code + 1]!, start + length);
    const common = Math.min(end - start, other.length);
    for (let i = 0; i < common; i++) {
      const difference = bytes[start + i]! - other[i]!;
      if (difference !== 0) return difference;
    }
    return end - start - other.length;
  }
}

/** Whether a search for the piece is possible. */
export const isPiece = (piece: string): boolean =>
  piece !== '' && 3 * piece.length <= MAX_PIECE_BYTES;
