import { UserError, VarveError } from '../../../core/index.js';
import { PulledBytes } from '../pulled-bytes.js';
import { bunzip2 } from './bunzip2.js';
import { gunzip } from './gunzip.js';
import { checkExpansion, checkSize } from './limits.js';
import { unsnap } from './unsnap.js';
import { unxz } from './unxz.js';
import { unzip } from './unzip.js';
import { unzstd } from './unzstd.js';

/** Bytes of one file as they come, unpacked; each chunk is valid until the next one. */
type Unpack = (
  chunks: AsyncIterable<Uint8Array>,
  uri: string,
  maxBytes: number,
) => AsyncIterable<Uint8Array>;

/**
 * One line per packing, by the end of a file's name. All unpack as bytes come, in bounded memory. They throw
 * ResourceLimitError for more bytes than allowed and for bombs, UserError for what is damaged or cut off.
 */
const PACKINGS: ReadonlyMap<string, Unpack> = new Map<string, Unpack>([
  ['gz', gunzip],
  ['zst', checked('Zstandard', unzstd)],
  ['bz2', checked('bzip2', bunzip2)],
  ['xz', checked('xz', unxz)],
  ['sz', checked('framed Snappy', unsnap)],
]);

/** How a file of this name is unpacked; null when it is read as it is. */
export const packingOf = (name: string): Unpack | null => PACKINGS.get(suffixOf(name)) ?? null;

export const isArchive = (name: string): boolean => suffixOf(name) === 'zip';

/** A file in an archive. */
export interface ArchiveEntry {
  readonly name: string;
  readonly uri: string;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** The files in an archive, each to be read before the next one is asked for; errors as above. */
export async function* archiveEntries(
  chunks: AsyncIterable<Uint8Array>,
  uri: string,
  maxBytes: number,
): AsyncGenerator<ArchiveEntry> {
  const packed = new PulledBytes(chunks);
  const sum = { bytes: 0 };
  try {
    for await (const { name, bytes } of unzip(packed)) {
      const entryUri = `${uri}!${name}`;
      const chunks = limited(bytes, packed, sum, entryUri, maxBytes);
      // Who reads it must hear of the archive too.
      yield { name, uri: entryUri, chunks: reported(chunks, 'zip', entryUri) };
    }
  } catch (error) {
    throw asUserError(error, 'zip', uri);
  } finally {
    await packed.close();
  }
}

function checked(
  kind: string,
  unpack: (packed: PulledBytes) => AsyncGenerator<Uint8Array>,
): Unpack {
  return async function* unpacked(chunks, uri, maxBytes) {
    const packed = new PulledBytes(chunks);
    try {
      const chunks = limited(unpack(packed), packed, { bytes: 0 }, uri, maxBytes);
      yield* reported(chunks, kind, uri);
    } finally {
      await packed.close();
    }
  };
}

/** Counts what comes into `sum`. */
async function* limited(
  unpacked: AsyncIterable<Uint8Array>,
  packed: PulledBytes,
  sum: { bytes: number },
  uri: string,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of unpacked) {
    sum.bytes += chunk.length;
    checkExpansion(sum.bytes, packed.received, uri);
    checkSize(sum.bytes, maxBytes, uri);
    yield chunk;
  }
}

async function* reported(
  chunks: AsyncIterable<Uint8Array>,
  kind: string,
  uri: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw asUserError(error, kind, uri);
  }
}

/** What an unpacker finds wrong with bytes is a RangeError, or one of zlib's. */
function asUserError(error: unknown, kind: string, uri: string): unknown {
  if (error instanceof VarveError || !(error instanceof Error)) return error;
  const isZlib = 'code' in error && /^Z_/.test(String(error.code));
  if (!(error instanceof RangeError) && !isZlib) return error;
  return new UserError(
    `${uri}: not a whole ${kind} file (${error.message}); its name says that it is one`,
    'request',
  );
}

const suffixOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1).toLowerCase();
