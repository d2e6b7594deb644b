import { createHash } from 'node:crypto';

/** The SHA-256 of bytes that come one run after another. */
export class Sha256 {
  readonly #hash = createHash('sha256');

  add(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** Lower-case hexadecimal, of all bytes; nothing may be added any more. */
  hex(): string {
    return this.#hash.digest('hex');
  }
}

/** SHA-256 in lower-case hexadecimal. */
export function sha256Hex(bytes: Uint8Array): string {
  const hash = new Sha256();
  hash.add(bytes);
  return hash.hex();
}
