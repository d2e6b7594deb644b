import { utf8Decode } from '../../../core/index.js';
import type { TextRun, VectorDictionary } from '../../../model/index.js';

/** Texts that came together. */
class Part implements TextRun {
  /** All of the texts, where a character is a byte; undefined until one is asked for. */
  #text: string | null | undefined;
  #decoded: (string | undefined)[] = [];

  constructor(
    /** The id of the first. */
    readonly firstId: number,
    readonly bytes: Uint8Array,
    /** Where each text begins, and where the last one ends, counted from some place. */
    readonly starts: Uint32Array,
  ) {}

  value(id: number): string {
    if (this.#text === undefined) {
      const text = utf8Decode(this.bytes);
      this.#text = text.length === this.bytes.length ? text : null;
    }
    const { starts } = this;
    const i = id - this.firstId;
    const start = starts[i]! - starts[0]!;
    const end = starts[i + 1]! - starts[0]!;
    if (this.#text !== null) return this.#text.slice(start, end);
    this.#decoded[i] ??= utf8Decode(this.bytes.subarray(start, end));
    return this.#decoded[i];
  }
}

/**
 * The texts of a field by id, from 1 on; id 0 is null. It only grows. They are well-formed UTF-8, and
 * become strings when they are asked for. Two ids may have one text where they are not distinct.
 */
export class TextDictionary implements VectorDictionary {
  readonly #parts: Part[] = [];
  #size = 1;
  #sizeBytes = 0;
  /** Set by who adds the texts. */
  areDistinct = true;

  /** Ids are below it. */
  get size(): number {
    return this.#size;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Adds texts: `starts` has one entry more than there are texts, and is counted from its first. */
  add(bytes: Uint8Array, starts: Uint32Array): void {
    this.#parts.push(new Part(this.#size, bytes, starts));
    this.#size += starts.length - 1;
    this.#sizeBytes += bytes.length;
  }

  value(id: number): string | null {
    return id === 0 ? null : this.runOf(id).value(id);
  }

  runOf(id: number): Part {
    let low = 0;
    let high = this.#parts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#parts[middle]!.firstId <= id) low = middle;
      else high = middle;
    }
    return this.#parts[low]!;
  }
}
