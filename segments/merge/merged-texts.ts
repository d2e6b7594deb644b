import { ResourceLimitError, utf8Decode } from '../../core/index.js';
import type { TextList } from '../encodings/vector.js';
import { ByteStream } from './byte-stream.js';
import type { MergeSpace } from './merge-space.js';
import type { SpillFile } from './spill-file.js';
import { compareBytes, wordAt } from './text-run.js';

const CHUNK_BYTES = 1 << 16;
const MAX_BYTES = 2 ** 32 - 1;

/**
 * Texts by rank, in two temporary files: their bytes, one after another, and their lengths, u32 each. Rank 0 is null where
 * there is one, and has no bytes.
 */
export class MergedTexts {
  readonly #bytes: SpillFile;
  readonly #lengths: SpillFile;
  readonly #word = new Uint32Array(1);
  #last: Uint8Array | null = null;
  #lastBuffer = new Uint8Array(256);
  #size = 0;
  #byteCount = 0;

  constructor(
    space: MergeSpace,
    readonly hasNull: boolean,
  ) {
    this.#bytes = space.spill();
    this.#lengths = space.spill();
    if (hasNull) this.#count(0);
  }

  /** Null included. */
  get size(): number {
    return this.#size;
  }

  /** The rank of a text, which is not before the one that was added last. */
  add(text: Uint8Array): number {
    if (this.#last !== null && compareBytes(this.#last, text) === 0) return this.#size - 1;
    this.#remember(text);
    this.#bytes.write(text);
    this.#count(text.length);
    return this.#size - 1;
  }

  finish(): void {
    this.#bytes.finish();
    this.#lengths.finish();
  }

  remove(): void {
    this.#bytes.remove();
    this.#lengths.remove();
  }

  /** The texts of some ranks, which ascend. */
  list(ranks: Uint32Array): TextList {
    const hasNull = this.hasNull && ranks[0] === 0;
    const text = (i: number): string | null => {
      const rank = ranks[i];
      return rank === undefined || (hasNull && i === 0) ? null : this.#textOf(rank);
    };
    return {
      kind: 'texts',
      size: ranks.length,
      hasNull,
      first: text(hasNull ? 1 : 0),
      last: text(ranks.length - 1),
      chunks: (offsets) => this.#chunks(ranks, hasNull, offsets),
    };
  }

  #textOf(rank: number): string {
    const [place] = this.#places(Uint32Array.of(rank));
    const bytes = new Uint8Array(place!.length);
    this.#bytes.read(bytes, place!.offset);
    return utf8Decode(bytes);
  }

  *#chunks(ranks: Uint32Array, hasNull: boolean, offsets: Uint32Array): Generator<Uint8Array> {
    const read = (target: Uint8Array, offset: number) => this.#bytes.read(target, offset);
    const stream = new ByteStream(read, this.#byteCount, CHUNK_BYTES);
    const chunk = new Uint8Array(CHUNK_BYTES);
    let used = 0;
    let total = 0;
    let i = hasNull ? 1 : 0;
    for (const { offset, length } of this.#places(ranks.subarray(i))) {
      const text = stream.at(offset, length);
      total += length;
      if (total > MAX_BYTES) throw tooLarge(total);
      offsets[++i] = total;
      if (used + length > CHUNK_BYTES) {
        yield chunk.subarray(0, used);
        used = 0;
      }
      if (length > CHUNK_BYTES) yield text;
      else {
        chunk.set(text, used);
        used += length;
      }
    }
    yield chunk.subarray(0, used);
  }

  /** Where the bytes of some ranks are, which ascend. */
  *#places(ranks: Uint32Array): Generator<{ readonly offset: number; readonly length: number }> {
    const read = (target: Uint8Array, offset: number) => this.#lengths.read(target, offset);
    const stream = new ByteStream(read, 4 * this.#size, CHUNK_BYTES);
    let rank = 0;
    let offset = 0;
    for (const wanted of ranks) {
      while (rank < wanted) offset += wordAt(stream.at(4 * rank++, 4), 0);
      yield { offset, length: wordAt(stream.at(4 * rank, 4), 0) };
    }
  }

  #remember(text: Uint8Array): void {
    if (text.length > this.#lastBuffer.length) this.#lastBuffer = new Uint8Array(2 * text.length);
    this.#lastBuffer.set(text);
    this.#last = this.#lastBuffer.subarray(0, text.length);
  }

  #count(length: number): void {
    this.#word[0] = length;
    this.#lengths.write(new Uint8Array(this.#word.buffer));
    this.#byteCount += length;
    this.#size++;
  }
}

function tooLarge(amount: number): ResourceLimitError {
  return new ResourceLimitError(
    `the distinct texts of one column take more than ${MAX_BYTES} bytes; use fewer rows per segment`,
    MAX_BYTES,
    amount,
  );
}
