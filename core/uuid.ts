import type { Random } from './world.js';

/** A random UUID (RFC 9562, version 4) in its usual text form. */
export function uuid(random: Random): string {
  const words = new DataView(new ArrayBuffer(16));
  for (let at = 0; at < 16; at += 4) words.setUint32(at, random.nextUint32());
  words.setUint8(6, (words.getUint8(6) & 0x0f) | 0x40);
  words.setUint8(8, (words.getUint8(8) & 0x3f) | 0x80);
  const hex = Array.from({ length: 16 }, (_, i) => words.getUint8(i).toString(16).padStart(2, '0'));
  const part = (from: number, to: number) => hex.slice(from, to).join('');
  return `${part(0, 4)}-${part(4, 6)}-${part(6, 8)}-${part(8, 10)}-${part(10, 16)}`;
}
