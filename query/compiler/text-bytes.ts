import { utf8Encode } from '../../core/index.js';
import type { TextRange } from '../../model/index.js';
import type { ScanTexts } from '../../segments/index.js';
import type { CodeRange } from './code-set.js';
import { findPieceIn } from './find-piece.js';
import type { Scratch } from './scratch.js';

/** Codes that come out of a search at a time, and the longest piece that is searched for. */
const MAX_FOUND = 8192;
const MAX_PIECE_BYTES = 16_384;

/** A dictionary of texts, searched by its bytes: no text is ever made. Codes are positions in it. */
export class TextBytes {
  readonly #bytes: Buffer;
  readonly #offsets: Uint32Array;
  readonly #first: number;

  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly texts: ScanTexts,
    private readonly size: number,
  ) {
    const { buffer } = memory;
    this.#offsets = new Uint32Array(buffer, texts.offsets, size + 1);
    this.#bytes = Buffer.from(buffer, texts.bytes, this.#offsets[size]!);
    this.#first = texts.hasNull ? 1 : 0;
  }

  get hasNull(): boolean {
    return this.texts.hasNull;
  }

  /** The one code of a text, or none. */
  equal(text: string): CodeRange {
    const bytes = utf8Encode(text);
    return { from: this.#atLeast(bytes), to: this.#above(bytes) };
  }

  within({ lower, upper, lowerStrict, upperStrict }: TextRange): CodeRange {
    const bound = (text: string, isAbove: boolean) =>
      isAbove ? this.#above(utf8Encode(text)) : this.#atLeast(utf8Encode(text));
    return {
      from: lower === null ? this.#first : bound(lower, lowerStrict),
      to: upper === null ? this.size : bound(upper, !upperStrict),
    };
  }

  beginningWith(prefix: string): CodeRange {
    const bytes = utf8Encode(prefix);
    const to = this.#firstThat((code) => this.#compare(code, bytes, bytes.length) > 0);
    return { from: this.#atLeast(bytes), to };
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
    const start = this.#offsets[code]!;
    const end = Math.min(this.#offsets[code + 1]!, start + length);
    return this.#bytes.compare(other, 0, other.length, start, end);
  }
}

/** Whether a search for the piece is possible. */
export const isPiece = (piece: string): boolean =>
  piece !== '' && 3 * piece.length <= MAX_PIECE_BYTES;
