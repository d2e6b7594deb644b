import { ResourceLimitError, utf8Decode, utf8Encode } from '../../core/index.js';
import type { ScanTexts } from '../types.js';
import { bytesOf, type ExpectedBlocks } from './checks.js';
import type { Content } from './content.js';
import { type ContentFault, checkOffsets } from './content-checks.js';
import type { BlockSink } from './encoding.js';
import type { LoadedColumn } from './loaded-column.js';
import type { TextList } from './vector.js';

const MAX_BYTES = 2 ** 32 - 1;
const CHUNK_BYTES = 1 << 20;

/**
 * Distinct texts, null first, then by UTF-8 bytes, as two blocks:
 *
 *     dictionary.bytes    UTF-8 of all texts, one after another
 *     dictionary.offsets  (size + 1) × u32: text i is bytes [offsets[i], offsets[i + 1])
 *
 * Null, where there is one, has id 0 and no bytes.
 */
export function writeTexts(texts: TextList, sink: BlockSink): void {
  const offsets = new Uint32Array(texts.size + 1);
  sink.block('dictionary.bytes', texts.chunks(offsets));
  sink.block('dictionary.offsets', [bytesOf(offsets)]);
}

/** The blocks of so many texts. */
export const textBlocks = (size: number): ExpectedBlocks => ({
  'dictionary.bytes': null,
  'dictionary.offsets': 4 * (size + 1),
});

/** Whether offsets tell all of the bytes, so that no text is read twice. */
export const checkTexts = (column: LoadedColumn): ContentFault =>
  checkOffsets(
    column.u32('dictionary.offsets'),
    column.u8('dictionary.bytes').length,
    'dictionary.offsets',
  );

/** What their entries are. */
export const TEXT_CONTENTS: Readonly<Record<string, Content>> = {
  'dictionary.bytes': 'texts',
  'dictionary.offsets': 'u32',
};

/** The list of some texts, which are distinct and in order. */
export function textListOf(texts: readonly (string | null)[]): TextList {
  const hasNull = texts[0] === null;
  return {
    kind: 'texts',
    size: texts.length,
    hasNull,
    first: texts[hasNull ? 1 : 0] ?? null,
    last: texts.at(-1) ?? null,
    chunks: (offsets) => encodeTexts(texts, offsets),
  };
}

/** UTF-8 in chunks of about 1 MiB; fills `offsets` on the way. */
function* encodeTexts(
  texts: readonly (string | null)[],
  offsets: Uint32Array,
): Generator<Uint8Array> {
  let total = 0;
  let chunk = new Uint8Array(CHUNK_BYTES);
  let used = 0;
  for (const [i, text] of texts.entries()) {
    const bytes = text === null ? EMPTY : utf8Encode(text);
    if (used + bytes.length > CHUNK_BYTES) {
      yield chunk.subarray(0, used);
      chunk = new Uint8Array(CHUNK_BYTES);
      used = 0;
    }
    if (bytes.length > CHUNK_BYTES) yield bytes;
    else {
      chunk.set(bytes, used);
      used += bytes.length;
    }
    total += bytes.length;
    if (total > MAX_BYTES) throw tooLarge(total);
    offsets[i + 1] = total;
  }
  yield chunk.subarray(0, used);
}

const EMPTY = new Uint8Array(0);

function tooLarge(amount: number): ResourceLimitError {
  return new ResourceLimitError(
    `the distinct texts of one column take more than ${MAX_BYTES} bytes; use fewer rows per segment`,
    MAX_BYTES,
    amount,
  );
}

/** Reads texts by id out of loaded blocks. Never outside the bytes, whatever the offsets say. */
export class TextDictionary {
  /** For those who read the bytes themselves. */
  readonly scan: ScanTexts;
  readonly #bytes: Uint8Array;
  readonly #offsets: Uint32Array;

  constructor(
    column: LoadedColumn,
    private readonly hasNull: boolean,
    isSorted: boolean,
  ) {
    this.#bytes = column.u8('dictionary.bytes');
    this.#offsets = column.u32('dictionary.offsets');
    this.scan = {
      bytes: column.address('dictionary.bytes'),
      offsets: column.address('dictionary.offsets'),
      hasNull,
      isSorted,
    };
  }

  text(id: number): string | null {
    if (id === 0 && this.hasNull) return null;
    return utf8Decode(this.#bytes.subarray(this.#offsets[id]!, this.#offsets[id + 1]!));
  }
}
