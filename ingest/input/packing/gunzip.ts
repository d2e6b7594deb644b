import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { UserError } from '../../../core/index.js';
import { checkExpansion, checkSize } from './limits.js';

const CHUNK_BYTES = 1024 * 1024;

/**
 * Unpacks gzip as it comes. Throws ResourceLimitError beyond `maxBytes` unpacked bytes or an expansion
 * of 1000, UserError for bytes that are not gzip or end too early; what `chunks` throws goes through.
 */
export async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
  uri: string,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  const unzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const source = Readable.from(chunks, { objectMode: true });
  // Its error also ends the loop below, which reports it; an early end of the loop aborts it.
  const done = pipeline(source, unzip).catch(() => undefined);
  let bytes = 0;
  try {
    for await (const chunk of unzip as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      checkExpansion(bytes, unzip.bytesWritten, uri);
      checkSize(bytes, maxBytes, uri);
      yield chunk;
    }
  } catch (error) {
    throw asUserError(error, uri);
  } finally {
    source.destroy();
    unzip.destroy();
    await done;
  }
}

function asUserError(error: unknown, uri: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!/^Z_/.test(code) || !(error instanceof Error)) return error;
  return new UserError(
    `${uri}: not a whole gzip file (${error.message}); the name ends in .gz`,
    'request',
  );
}
