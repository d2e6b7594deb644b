import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ResourceLimitError, UserError } from '../../../core/index.js';
import type { InputEntity } from './source.js';

/** Text compresses a hundredfold at best; what expands more than this is meant to fill memory or disk. */
const MAX_EXPANSION = 1_000;
/** Small files may expand as they like up to here. */
const FREE_BYTES = 16 * 2 ** 20;

/** An entity over a stream of stored bytes; unpacks it when the name says gzip, within limits. */
export function entityOfChunks(
  uri: string,
  sizeBytes: number | null,
  stored: () => AsyncIterable<Uint8Array>,
  maxBytes: number,
): InputEntity {
  const isPacked = /\.gz($|[?#])/i.test(uri);
  const chunks = () => limited(isPacked ? gunzip(uri, stored()) : stored(), uri, maxBytes);
  return { uri, sizeBytes, chunks, bytes: () => gather(chunks()) };
}

async function* gunzip(uri: string, stored: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let packedBytes = 0;
  async function* counted() {
    for await (const chunk of stored) {
      packedBytes += chunk.length;
      yield chunk;
    }
  }
  const source = Readable.from(counted());
  const unpacked = createGunzip();
  source.on('error', (error) => unpacked.destroy(error));
  let bytes = 0;
  try {
    for await (const chunk of source.pipe(unpacked) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > FREE_BYTES && bytes > packedBytes * MAX_EXPANSION) throw bomb(uri, bytes);
      yield chunk;
    }
  } catch (error) {
    throw isZlibError(error)
      ? new UserError(`${uri} is not a sound gzip file: ${error.message}`)
      : error;
  }
}

const bomb = (uri: string, bytes: number): ResourceLimitError =>
  new ResourceLimitError(
    `${uri} expands more than ${MAX_EXPANSION} times when unpacked; unpack it yourself if it is really meant`,
    MAX_EXPANSION,
    bytes,
  );

const isZlibError = (error: unknown): error is Error =>
  error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('Z_');

async function* limited(
  chunks: AsyncIterable<Uint8Array>,
  uri: string,
  maxBytes: number,
): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      const message = `${uri} has more than ${maxBytes} bytes unpacked; split it, or raise ingest.maxInputBytes`;
      throw new ResourceLimitError(message, maxBytes, bytes);
    }
    yield chunk;
  }
}

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
