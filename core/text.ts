const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** `encode` alone costs three times as much for short texts as `encodeInto` and a copy. */
const scratch = new Uint8Array(1024);

/** UTF-8 of a text; a lone surrogate becomes U+FFFD. */
export function utf8Encode(text: string): Uint8Array<ArrayBuffer> {
  if (text.length * 3 > scratch.length) return encoder.encode(text);
  return scratch.slice(0, encoder.encodeInto(text, scratch).written);
}

/** Text of UTF-8 bytes, shared memory too; malformed sequences become U+FFFD, a byte order mark is kept. */
export function utf8Decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/**
 * Orders texts by Unicode code point, which is the order of their UTF-8 bytes. (The `<` of
 * JavaScript compares UTF-16 units and puts U+10000 and above before U+E000.)
 */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/**
 * Lifts surrogates above the rest of the 16-bit units. Where two texts first differ inside a pair,
 * both units are low surrogates or the pairs' high ones, so the unit alone decides.
 */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
