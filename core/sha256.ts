import { createHash } from 'node:crypto';

/** SHA-256 in lower-case hexadecimal of some bytes, or of chunks one after another. */
export function sha256Hex(content: Uint8Array | Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  if (content instanceof Uint8Array) hash.update(content);
  else for (const chunk of content) hash.update(chunk);
  return hash.digest('hex');
}
