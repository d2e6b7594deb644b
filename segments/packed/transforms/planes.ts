import { CorruptBytesError } from '../../../core/index.js';

/**
 * Bytes by significance: the lowest bytes of all entries, then their second ones, and so on. High bytes of
 * small numbers are alike, low bytes of measurements are noise: apart, each is compressed as well as it can be.
 */
export function toPlanes(bytes: Uint8Array, width: number): Uint8Array {
  if (width === 1) return bytes;
  const count = bytes.length / width;
  const planes = new Uint8Array(bytes.length);
  for (let k = 0; k < width; k++) {
    for (let i = 0, from = k, to = k * count; i < count; i++, from += width) {
      planes[to + i] = bytes[from]!;
    }
  }
  return planes;
}

/** Fills `bytes` from planes. */
export function fromPlanes(planes: Uint8Array, bytes: Uint8Array, width: number): void {
  if (planes.length !== bytes.length) throw wrongSize(planes.length, bytes.length);
  if (width === 1) {
    bytes.set(planes);
    return;
  }
  const count = bytes.length / width;
  for (let k = 0; k < width; k++) {
    for (let i = 0, to = k, from = k * count; i < count; i++, to += width) {
      bytes[to] = planes[from + i]!;
    }
  }
}

/** For transforms: what is packed does not make a page of the size that was told. */
export function wrongSize(packedBytes: number, pageBytes: number): CorruptBytesError {
  return new CorruptBytesError(0, `${packedBytes} bytes do not make a page of ${pageBytes}`);
}
