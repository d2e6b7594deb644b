import { CorruptLogError, crc32c, type Random } from '../../core/index.js';

/**
 * How a log file begins. Little-endian; n = checkpointLength.
 *
 *     offset  size  field
 *     0       8     magic               "VARVELOG"
 *     8       4     version             u32, = 1
 *     12      4     checkpointLength    u32
 *     16      16    log id              the same in all files of a log
 *     32      8     sequence            u64, the number in the file's name, one more than in the file before
 *     40      8     start               u64, position of the first record; where the records of the file before end
 *     48      8     nonce               random
 *     56      4     checkpointChecksum  u32, CRC-32C of the checkpoint
 *     60      4     checksum            u32, CRC-32C of bytes [0, 60)
 *     64      n     checkpoint          the state of all tables at `start`; opaque here
 *     64 + n        records, see `record.ts`
 *
 * A file gets its name by a rename after its header was synced, so that a header which does not
 * check is damage and never the trace of a power cut.
 */
export interface FileHeader {
  /** 32 hexadecimal digits. */
  readonly logId: string;
  readonly sequence: number;
  readonly start: number;
  readonly checkpointLength: number;
  readonly checkpointChecksum: number;
  /** Seeds the checksums of the file's records: they count in this file alone. */
  readonly checksum: number;
}

export const FIXED_HEADER_BYTES = 64;

/** "VARVELOG" as big-endian words. */
const MAGIC = [0x56415256, 0x454c4f47] as const;
const VERSION = 1;
const CHECKSUM_AT = 60;

/** The nonce keeps a second header for the same place, and whoever picks the payloads, from foreseeing a checksum. */
export function encodeHeader(
  identity: Pick<FileHeader, 'logId' | 'sequence' | 'start'>,
  checkpoint: Uint8Array,
  random: Random,
): Uint8Array {
  const bytes = new Uint8Array(FIXED_HEADER_BYTES + checkpoint.length);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of MAGIC.entries()) view.setUint32(4 * i, word);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, checkpoint.length, true);
  for (let i = 0; i < 4; i++) {
    view.setUint32(16 + 4 * i, Number.parseInt(identity.logId.slice(8 * i, 8 * i + 8), 16));
  }
  writePosition(view, 32, identity.sequence);
  writePosition(view, 40, identity.start);
  view.setUint32(48, random.nextUint32());
  view.setUint32(52, random.nextUint32());
  view.setUint32(56, crc32c(checkpoint), true);
  view.setUint32(CHECKSUM_AT, crc32c(bytes.subarray(0, CHECKSUM_AT)), true);
  bytes.set(checkpoint, FIXED_HEADER_BYTES);
  return bytes;
}

/** Reads the first 64 bytes of a file. Throws CorruptLogError. */
export function decodeHeader(bytes: Uint8Array, path: string): FileHeader {
  const fail = (at: number, detail: string) => new CorruptLogError(path, at, detail);
  if (bytes.length < FIXED_HEADER_BYTES) throw fail(bytes.length, 'the header is cut');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (MAGIC.some((word, i) => view.getUint32(4 * i) !== word)) throw fail(0, 'want "VARVELOG"');
  const checksum = view.getUint32(CHECKSUM_AT, true);
  if (crc32c(bytes.subarray(0, CHECKSUM_AT)) !== checksum) {
    throw fail(CHECKSUM_AT, 'the checksum of the header does not match');
  }
  if (view.getUint32(8, true) !== VERSION) throw fail(8, `want format version ${VERSION}`);
  return {
    logId: hexadecimal([16, 20, 24, 28].map((at) => view.getUint32(at))),
    sequence: readPosition(view, 32),
    start: readPosition(view, 40),
    checkpointLength: view.getUint32(12, true),
    checkpointChecksum: view.getUint32(56, true),
    checksum,
  };
}

/** 128 random bits, as the id of a log is written. */
export function randomLogId(random: Random): string {
  return hexadecimal(Array.from({ length: 4 }, () => random.nextUint32()));
}

function hexadecimal(words: readonly number[]): string {
  return words.map((word) => word.toString(16).padStart(8, '0')).join('');
}

/** A u64 that is a safe integer. */
export function writePosition(view: DataView, at: number, position: number): void {
  view.setUint32(at, position % 2 ** 32, true);
  view.setUint32(at + 4, Math.floor(position / 2 ** 32), true);
}

/** May be beyond the safe integers when the bytes are not what `writePosition` wrote. */
export function readPosition(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}
