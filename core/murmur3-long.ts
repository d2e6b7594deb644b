import { multiplyHigh } from './murmur3.js';

/**
 * `murmur3` of 8 bytes: those of a 64-bit number, little-endian, as two words of which every sign is the same. All in
 * locals, without a buffer: more than twice as fast as the general one.
 */
export function murmur3Long(low: number, high: number, seed: number, out: Uint32Array): void {
  // k1 *= c1; k1 = rotl(k1, 31); k1 *= c2: what lies beyond 8 bytes is zero, and mixing that in changes nothing.
  let kHigh = (multiplyHigh(low, C1_LOW) + Math.imul(high, C1_LOW) + Math.imul(low, C1_HIGH)) | 0;
  let kLow = Math.imul(low, C1_LOW);
  const turned = (kLow << 31) | (kHigh >>> 1);
  kHigh = (kHigh << 31) | (kLow >>> 1);
  kLow = Math.imul(turned, C2_LOW);
  kHigh =
    (multiplyHigh(turned, C2_LOW) + Math.imul(kHigh, C2_LOW) + Math.imul(turned, C2_HIGH)) | 0;

  // h1 = (seed ^ k1 ^ 8) + (seed ^ 8); h2 = (seed ^ 8) + h1. A sum of words that is less than one of them has a carry.
  const start = (seed ^ 8) >>> 0;
  let h1Low = ((start ^ kLow) + start) | 0;
  let h1High = (kHigh + (h1Low >>> 0 < start ? 1 : 0)) | 0;
  let h2Low = (h1Low + start) | 0;
  let h2High = (h1High + (h2Low >>> 0 < start ? 1 : 0)) | 0;

  // Both through the finaliser: k ^= k >>> 33 reaches only the low word.
  h1Low ^= h1High >>> 1;
  h1High =
    (multiplyHigh(h1Low, F1_LOW) + Math.imul(h1High, F1_LOW) + Math.imul(h1Low, F1_HIGH)) | 0;
  h1Low = Math.imul(h1Low, F1_LOW) ^ (h1High >>> 1);
  h1High =
    (multiplyHigh(h1Low, F2_LOW) + Math.imul(h1High, F2_LOW) + Math.imul(h1Low, F2_HIGH)) | 0;
  h1Low = Math.imul(h1Low, F2_LOW) ^ (h1High >>> 1);

  h2Low ^= h2High >>> 1;
  h2High =
    (multiplyHigh(h2Low, F1_LOW) + Math.imul(h2High, F1_LOW) + Math.imul(h2Low, F1_HIGH)) | 0;
  h2Low = Math.imul(h2Low, F1_LOW) ^ (h2High >>> 1);
  h2High =
    (multiplyHigh(h2Low, F2_LOW) + Math.imul(h2High, F2_LOW) + Math.imul(h2Low, F2_HIGH)) | 0;
  h2Low = Math.imul(h2Low, F2_LOW) ^ (h2High >>> 1);

  // h1 += h2; h2 += h1.
  h1Low = (h1Low + h2Low) | 0;
  h1High = (h1High + h2High + (h1Low >>> 0 < h2Low >>> 0 ? 1 : 0)) | 0;
  h2Low = (h2Low + h1Low) | 0;
  out[0] = h1Low;
  out[1] = h1High;
  out[2] = h2Low;
  out[3] = (h2High + h1High + (h2Low >>> 0 < h1Low >>> 0 ? 1 : 0)) | 0;
}

const C1_HIGH = 0x87c37b91 | 0;
const C1_LOW = 0x114253d5;
const C2_HIGH = 0x4cf5ad43;
const C2_LOW = 0x2745937f;
// The finaliser's factors, 0xff51afd7ed558ccd and 0xc4ceb9fe1a85ec53.
const F1_HIGH = 0xff51afd7 | 0;
const F1_LOW = 0xed558ccd | 0;
const F2_HIGH = 0xc4ceb9fe | 0;
const F2_LOW = 0x1a85ec53;
