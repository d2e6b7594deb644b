import * as zlib from 'node:zlib';
import { decompress as decompressZstd } from 'fzstd';
import { CorruptBytesError, invariant } from './errors.js';

/**
 * How bytes were made smaller:
 *
 *     brotli    RFC 7932; every Node has it
 *     zstd      RFC 8878; Node has it from 22.15 on; before, it is read in JavaScript, at a third of the speed,
 *               and cannot be written
 */
export type Codec = 'brotli' | 'zstd';

/** Node's own zstd, which the types of Node 20 do not know. */
interface ZstdOfNode {
  zstdCompressSync(bytes: Uint8Array, options: { params: Record<number, number> }): Uint8Array;
  zstdDecompressSync(
    bytes: Uint8Array,
    options: { maxOutputLength: number; params: Record<number, number> },
  ): Uint8Array;
  readonly constants: {
    readonly ZSTD_c_compressionLevel: number;
    readonly ZSTD_d_windowLogMax: number;
  };
}

const zstd = 'zstdCompressSync' in zlib ? (zlib as unknown as ZstdOfNode) : null;

/** Where steps above were measured, each took twice the time for a hundredth of the bytes. */
const ZSTD_LEVEL = 6;
const BROTLI_QUALITY = 5;
/** Of zstd. */
const MIN_WINDOW_LOG = 10;

/** What this Node writes: brotli's files are 3 % smaller, zstd is faster both ways. */
export const PREFERRED_CODEC: Codec = zstd === null ? 'brotli' : 'zstd';

/** The bytes in fewer, if they can be: a few more for bytes without order. */
export function compress(bytes: Uint8Array, codec: Codec): Uint8Array {
  if (codec === 'brotli') return compressBrotli(bytes);
  invariant(zstd !== null, 'this Node writes zstd');
  const params = { [zstd.constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL };
  return zstd.zstdCompressSync(bytes, { params });
}

function compressBrotli(bytes: Uint8Array): Uint8Array {
  const { constants } = zlib;
  const windowBits = Math.ceil(Math.log2(bytes.length + 1));
  return zlib.brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: Math.min(
        constants.BROTLI_MAX_WINDOW_BITS,
        Math.max(constants.BROTLI_MIN_WINDOW_BITS, windowBits),
      ),
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}

/**
 * The bytes that were compressed, which are `sizeBytes`: never more than those are made, whatever `bytes` hold. Throws
 * CorruptBytesError when they hold anything else.
 */
export function decompress(bytes: Uint8Array, codec: Codec, sizeBytes: number): Uint8Array {
  const { buffer, byteOffset, length } = tryDecompress(bytes, codec, sizeBytes);
  // Not Node's Buffer: what it gives as a slice is no copy, and may lie anywhere.
  const plain = new Uint8Array(buffer, byteOffset, length);
  if (plain.length === sizeBytes) return plain;
  throw new CorruptBytesError(0, `${plain.length} bytes under ${codec}, want ${sizeBytes}`);
}

function tryDecompress(bytes: Uint8Array, codec: Codec, sizeBytes: number): Uint8Array {
  const maxOutputLength = Math.max(1, sizeBytes);
  try {
    if (codec === 'brotli') return zlib.brotliDecompressSync(bytes, { maxOutputLength });
    if (zstd !== null) {
      // Nothing is looked back at but what there is: a frame that wants more would have it allocated.
      const windowLog = Math.max(MIN_WINDOW_LOG, Math.ceil(Math.log2(maxOutputLength)));
      const params = { [zstd.constants.ZSTD_d_windowLogMax]: windowLog };
      return zstd.zstdDecompressSync(bytes, { maxOutputLength, params });
    }
    return decompressZstd(bytes, new Uint8Array(sizeBytes));
  } catch (error) {
    throw new CorruptBytesError(0, `not ${codec}: ${(error as Error).message}`);
  }
}
