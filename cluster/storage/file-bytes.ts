import { setImmediate } from 'node:timers/promises';
import type { Disk } from '../../core/index.js';
import type { ByteRange } from './object-store.js';

/** Read or written in one turn: about as many milliseconds as are nobody's trouble. */
const PIECE_BYTES = 1 << 18;

/** A file's bytes, piece by piece, with turns for others in between. A piece is valid until the next one is asked for. */
export async function* fileBytes(
  disk: Disk,
  path: string,
  range?: ByteRange,
): AsyncGenerator<Uint8Array> {
  const file = disk.openRead(path);
  try {
    const { offset, length } = range ?? { offset: 0, length: file.sizeBytes };
    const piece = new Uint8Array(Math.min(PIECE_BYTES, length));
    for (let done = 0; done < length; done += piece.length) {
      if (done > 0) await setImmediate();
      const part = piece.subarray(0, Math.min(piece.length, length - done));
      file.readInto(part, offset + done);
      yield part;
    }
  } finally {
    file.close();
  }
}

/** Writes bytes into a new file as they come, and gives others their turn. The file is there whatever happens; it is not synced. */
export async function writeBytes(
  disk: Disk,
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  isDurable: boolean,
): Promise<void> {
  const file = disk.create(path);
  try {
    let written = 0;
    for await (const chunk of chunks) {
      file.write(chunk);
      written += chunk.length;
      if (written < PIECE_BYTES) continue;
      written = 0;
      await setImmediate();
    }
    if (isDurable) file.sync();
  } finally {
    file.close();
  }
}
