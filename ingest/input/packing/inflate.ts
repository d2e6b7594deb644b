import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import type { PulledBytes } from '../pulled-bytes.js';

const CHUNK_BYTES = 256 * 1024;
const PIECE_BYTES = 64 * 1024;

/**
 * Unpacks a deflate stream that begins where `packed` stands, and leaves it right behind its end. Throws what zlib throws for
 * bytes that are none or end too early.
 */
export async function* inflate(packed: PulledBytes): AsyncGenerator<Uint8Array> {
  const unzip = createInflateRaw({ chunkSize: CHUNK_BYTES });
  let skipped = 0;
  const settle = (): void => {
    packed.advance(unzip.bytesWritten - skipped);
    skipped = unzip.bytesWritten;
  };
  const source = Readable.from(
    piecesOf(packed, settle, () => skipped),
    { objectMode: true, highWaterMark: 1 },
  );
  // Its error also ends the loop below, which reports it.
  const done = pipeline(source, unzip).catch(() => undefined);
  try {
    yield* unzip as AsyncIterable<Uint8Array>;
  } finally {
    source.destroy();
    unzip.destroy();
    await done;
    settle();
  }
}

/** Copies of what comes; `packed` is held back where zlib stands, since pieces are asked for ahead of it. */
async function* piecesOf(
  packed: PulledBytes,
  settle: () => void,
  skipped: () => number,
): AsyncGenerator<Uint8Array> {
  for (let given = 0; ; ) {
    settle();
    const ahead = given - skipped();
    if (!(await packed.fill(ahead + 1))) return;
    const piece = packed.view().slice(ahead, ahead + PIECE_BYTES);
    given += piece.length;
    yield piece;
  }
}
