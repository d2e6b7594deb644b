import { crc32c } from '../../core/index.js';
import { readPosition, writePosition } from './file-header.js';

/**
 * Records lie one behind the other without gaps. Little-endian; n = length.
 *
 *     offset  size  field
 *     0       8     syncedTo         u64, everything before this position had been synced when the record was written
 *     8       4     length           u32
 *     12      4     payloadChecksum  u32, CRC-32C of the payload
 *     16      4     checksum         u32, CRC-32C of: the record's position as u64, then bytes [0, 16);
 *                                    continues the checksum of the file's header
 *     20      n     payload
 *
 * A record covers the positions [position, position + 20 + n). Since its checksum takes in its
 * position and the header of its file, bytes of another file, or of another place, are no record.
 *
 * `syncedTo` is what tells damage from a torn tail. A power cut may leave any part of what was
 * written since the last sync, and all of what was synced before. So where a record does not check
 * at position p, and behind it stands the head of one with `syncedTo` > p, the bytes at p had been
 * on disk: that is damage. Where no such head stands, nothing says that p was ever synced.
 */
export interface LogRecord {
  readonly position: number;
  readonly end: number;
  /** A view of the file's bytes: keeps all of them in memory. */
  readonly payload: Uint8Array;
}

export const RECORD_HEAD_BYTES = 20;

/** A file in memory. */
export interface FileBytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Offset of the first record. */
  readonly bodyOffset: number;
  /** Position of the first record. */
  readonly start: number;
  /** Checksum of the header. */
  readonly seed: number;
}

/** The bytes of records that follow each other from `position` on. */
export function encodeRecords(
  payloads: readonly Uint8Array[],
  position: number,
  syncedTo: number,
  seed: number,
): Uint8Array {
  const sizeBytes = payloads.reduce((sum, { length }) => sum + RECORD_HEAD_BYTES + length, 0);
  const bytes = new Uint8Array(sizeBytes);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const payload of payloads) {
    writePosition(view, at, syncedTo);
    view.setUint32(at + 8, payload.length, true);
    view.setUint32(at + 12, crc32c(payload), true);
    view.setUint32(at + 16, headChecksum(bytes, at, position + at, seed), true);
    bytes.set(payload, at + RECORD_HEAD_BYTES);
    at += RECORD_HEAD_BYTES + payload.length;
  }
  return bytes;
}

/** The record at `offset`, or null when there is none that checks, whatever the bytes hold. */
export function recordAt(file: FileBytes, offset: number): LogRecord | null {
  const { bytes, view } = file;
  const position = file.start + offset - file.bodyOffset;
  if (!isHead(file, offset)) return null;
  const payloadOffset = offset + RECORD_HEAD_BYTES;
  const endOffset = payloadOffset + view.getUint32(offset + 8, true);
  if (endOffset > bytes.length) return null;
  const payload = bytes.subarray(payloadOffset, endOffset);
  if (crc32c(payload) !== view.getUint32(offset + 12, true)) return null;
  return { position, end: position + endOffset - offset, payload };
}

/** What the record at `offset` says was synced before it was written. */
export function syncedToAt(file: FileBytes, offset: number): number {
  return readPosition(file.view, offset);
}

/** Offset of a head behind `offset` which says that the bytes at `offset` had been synced, or null. */
export function findProof(file: FileBytes, offset: number): number | null {
  const shift = file.start - file.bodyOffset;
  const lost = offset + shift;
  for (let at = offset + 1; at <= file.bytes.length - RECORD_HEAD_BYTES; at++) {
    const syncedTo = readPosition(file.view, at);
    // Spares a checksum at nearly every offset, and all but rules out that other bytes pass for a head.
    if (syncedTo > lost && syncedTo <= at + shift && isHead(file, at)) return at;
  }
  return null;
}

function isHead({ bytes, view, start, bodyOffset, seed }: FileBytes, offset: number): boolean {
  if (offset + RECORD_HEAD_BYTES > bytes.length) return false;
  const position = start + offset - bodyOffset;
  return headChecksum(bytes, offset, position, seed) === view.getUint32(offset + 16, true);
}

const POSITION = new DataView(new ArrayBuffer(8));
const POSITION_BYTES = new Uint8Array(POSITION.buffer);

function headChecksum(bytes: Uint8Array, at: number, position: number, seed: number): number {
  writePosition(POSITION, 0, position);
  return crc32c(bytes.subarray(at, at + 16), crc32c(POSITION_BYTES, seed));
}
