import { multiplyHigh } from './murmur3.js';

/**
 * The mixer of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014; its
 * constants are David Stafford's 13th) after one step of its sequence, which leaves no number as it is, not even 0.
 * Of a 64-bit number as two words, of which every sign is the same; `out` gets the low word and the high one. It costs
 * two multiplications where MurmurHash3_x64_128 has six, and gives half the bits.
 */
export function mix64(low: number, high: number, out: Uint32Array): void {
  let a = (low + STEP_LOW) | 0;
  let b = (high + STEP_HIGH + (a >>> 0 < STEP_LOW >>> 0 ? 1 : 0)) | 0;

  a ^= (a >>> 30) | (b << 2);
  b ^= b >>> 30;
  b = (multiplyHigh(a, F1_LOW) + Math.imul(b, F1_LOW) + Math.imul(a, F1_HIGH)) | 0;
  a = Math.imul(a, F1_LOW);

  a ^= (a >>> 27) | (b << 5);
  b ^= b >>> 27;
  b = (multiplyHigh(a, F2_LOW) + Math.imul(b, F2_LOW) + Math.imul(a, F2_HIGH)) | 0;
  a = Math.imul(a, F2_LOW);

  out[0] = a ^ ((a >>> 31) | (b << 1));
  out[1] = b ^ (b >>> 31);
}

// 0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb.
const STEP_HIGH = 0x9e3779b9 | 0;
const STEP_LOW = 0x7f4a7c15;
const F1_HIGH = 0xbf58476d | 0;
const F1_LOW = 0x1ce4e5b9;
const F2_HIGH = 0x94d049bb | 0;
const F2_LOW = 0x133111eb;
