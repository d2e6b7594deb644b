import type { ZSTDDecoder } from 'zstddec/stream';
import { invariant } from '../../../core/index.js';
import type { PulledBytes } from '../pulled-bytes.js';

/** Null until something is to be unpacked: most threads never see Zstandard. */
let decoder: ZSTDDecoder | null = null;

/** Of one input piece: small, since a damaged one is noticed only after as many calls as it has bytes. */
const PIECE_BYTES = 16 * 1024;

/** Makes `unzstdBlock` ready. */
export async function loadZstd(): Promise<void> {
  if (decoder !== null) return;
  const library = await import('zstddec/stream');
  const loaded = new library.ZSTDDecoder();
  await loaded.init();
  decoder = loaded;
}

/**
 * Unpacks Zstandard, frames one after another. Throws RangeError for bytes that are none, end too early, fail a checksum
 * or want more than 128 MiB to look back at.
 */
export async function* unzstd(packed: PulledBytes): AsyncGenerator<Uint8Array> {
  await loadZstd();
  const pieces = new Pieces();
  const unpacked = unpack(pieces);
  for (;;) {
    // At most one piece is asked for between two that are given out.
    if (pieces.isEmpty && (await packed.fill(1))) {
      pieces.next = packed.take(Math.min(packed.available, PIECE_BYTES)).slice();
    }
    const { value, done } = unpacked.next();
    if (done === true) return;
    yield value;
  }
}

/** Unpacks whole frames. Throws RangeError as above, and when they become more than `maxBytes`. */
export function unzstdBlock(block: Uint8Array, maxBytes: number): Uint8Array {
  const pieces = new Pieces();
  pieces.next = block;
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const part of unpack(pieces)) {
    size += part.length;
    if (size > maxBytes) throw new RangeError('a Zstandard block is larger than it may be');
    parts.push(part);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

/** The piece that is read next; none means the end. */
class Pieces implements Iterable<Uint8Array> {
  next: Uint8Array | null = null;

  get isEmpty(): boolean {
    return this.next === null;
  }

  *[Symbol.iterator](): Iterator<Uint8Array> {
    for (;;) {
      const piece = this.next;
      if (piece === null) return;
      this.next = null;
      yield piece;
    }
  }
}

/**
 * The library does not look at error codes: after one it gives nothing, again and again. A call that goes on takes a
 * byte at least, so as many calls without a result as a piece has bytes are an error.
 */
function* unpack(pieces: Pieces): Generator<Uint8Array, void> {
  invariant(decoder !== null, 'Zstandard is loaded before blocks are unpacked');
  const unpacked = decoder.decodeStreaming(pieces);
  for (let idle = 0, left = 0; ; ) {
    if (pieces.next !== null) {
      left = pieces.next.length;
      idle = 0;
    }
    const { value, done } = next(unpacked);
    if (done === true) return;
    idle = value.length > 0 ? 0 : idle + 1;
    if (idle > left + 1)
      throw new RangeError('it is damaged, or wants more than 128 MiB to look back at');
    if (value.length > 0 || pieces.isEmpty) yield value;
  }
}

function next(unpacked: Generator<Uint8Array>): IteratorResult<Uint8Array> {
  try {
    return unpacked.next();
  } catch {
    throw new RangeError('the bytes end');
  }
}
