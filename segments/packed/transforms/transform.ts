import type { Content } from '../../encodings/content.js';

/** The entries of one page as they lie in the hot form. */
export interface PlainPage {
  readonly content: Content;
  /** Whole entries; begins at a multiple of 8 in its buffer, as does all that transforms return. */
  readonly bytes: Uint8Array;
  /** Of texts: where in `bytes` one begins, ascending, 0 and the end left out. Empty for others. */
  readonly cuts: readonly number[];
}

/**
 * One way to rearrange the entries of a page, so that a codec finds more in them. It loses nothing: `undo` gives
 * what `apply` was given, bit for bit.
 */
export interface Transform {
  readonly name: string;
  /** Whether it is worth a try. */
  suits(content: Content): boolean;
  /** Null when it does not hold these entries. */
  apply(page: PlainPage): Uint8Array | null;
  /**
   * The bytes of a page: `page.bytes` are filled, the rest is as it was. Reads `packed` and writes nowhere else,
   * whatever they hold. Throws CorruptBytesError when they hold no page of this size.
   */
  undo(packed: Uint8Array, page: PlainPage): void;
}
