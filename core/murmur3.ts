import { utf8Encode } from './text.js';

/**
 * MurmurHash3_x64_128 (Austin Appleby, public domain, 2011), 64-bit arithmetic done on pairs of
 * 32-bit words because BigInt costs a hundred times as much.
 *
 * `out` gets four words: h1 low, h1 high, h2 low, h2 high. `seed` is an unsigned 32-bit number.
 *
 * The working state is eight words, each pair low before high:
 *
 *     0 1  h1      2 3  h2      4 5  k1      6 7  k2
 */
export function murmur3(bytes: Uint8Array, seed: number, out: Uint32Array): void {
  const s = STATE;
  s[H1] = s[H2] = seed;
  s[H1 + 1] = s[H2 + 1] = 0;
  const length = bytes.length;
  const wholeEnd = length - (length % 16);
  for (let at = 0; at < wholeEnd; at += 16) {
    for (let word = 0; word < 4; word++) s[K1 + word] = wordAt(bytes, at + 4 * word);
    mixBlock(s);
  }
  if (wholeEnd < length) mixTail(s, bytes, wholeEnd);
  finish(s, length);
  for (let word = 0; word < 4; word++) out[word] = s[word]!;
}

/** `murmur3` of the UTF-8 of a text. */
export function murmur3Of(text: string, seed: number, out: Uint32Array): void {
  murmur3(utf8Encode(text), seed, out);
}

/**
 * The 64-bit variant of Apache Hive: half of the state, 8 bytes a block, seed 104729. Of public domain as the other. `out`
 * gets two words, the low one first.
 */
export function murmur3Half(bytes: Uint8Array, out: Uint32Array): void {
  const s = STATE;
  s[H1] = HIVE_SEED;
  s[H1 + 1] = 0;
  const length = bytes.length;
  const wholeEnd = length - (length % 8);
  for (let at = 0; at < wholeEnd; at += 8) {
    s[K1] = wordAt(bytes, at);
    s[K1 + 1] = wordAt(bytes, at + 4);
    mixK1IntoH1(s);
    rotateLeft(s, H1, 27);
    timesFivePlus(s, H1, 0x52dce729);
  }
  s[K1] = s[K1 + 1] = 0;
  for (let i = 0; wholeEnd + i < length; i++) {
    s[K1 + (i >> 2)]! |= bytes[wholeEnd + i]! << (8 * (i & 3));
  }
  mixK1IntoH1(s);
  s[H1]! ^= length;
  avalanche(s, H1);
  out[0] = s[H1]!;
  out[1] = s[H1 + 1]!;
}

const HIVE_SEED = 104_729;

const H1 = 0;
const H2 = 2;
const K1 = 4;
const K2 = 6;
const STATE = new Int32Array(8);

// c1 = 0x87c37b91114253d5, c2 = 0x4cf5ad432745937f, as high and low words.
const C1_HIGH = 0x87c37b91 | 0;
const C1_LOW = 0x114253d5;
const C2_HIGH = 0x4cf5ad43;
const C2_LOW = 0x2745937f;

function mixBlock(s: Int32Array): void {
  mixK1IntoH1(s);
  rotateLeft(s, H1, 27);
  add(s, H1, H2);
  timesFivePlus(s, H1, 0x52dce729);
  mixK2IntoH2(s);
  rotateLeft(s, H2, 31);
  add(s, H2, H1);
  timesFivePlus(s, H2, 0x38495ab5);
}

/** The last 1 to 15 bytes, as if zeros followed them. */
function mixTail(s: Int32Array, bytes: Uint8Array, from: number): void {
  s[K1] = s[K1 + 1] = s[K2] = s[K2 + 1] = 0;
  const count = bytes.length - from;
  for (let i = 0; i < count; i++) s[K1 + (i >> 2)]! |= bytes[from + i]! << (8 * (i & 3));
  // Mixing zeros changes nothing, so both halves can always be mixed.
  mixK2IntoH2(s);
  mixK1IntoH1(s);
}

function finish(s: Int32Array, length: number): void {
  s[H1]! ^= length;
  s[H2]! ^= length;
  add(s, H1, H2);
  add(s, H2, H1);
  avalanche(s, H1);
  avalanche(s, H2);
  add(s, H1, H2);
  add(s, H2, H1);
}

function mixK1IntoH1(s: Int32Array): void {
  multiply(s, K1, C1_LOW, C1_HIGH);
  rotateLeft(s, K1, 31);
  multiply(s, K1, C2_LOW, C2_HIGH);
  s[H1]! ^= s[K1]!;
  s[H1 + 1]! ^= s[K1 + 1]!;
}

function mixK2IntoH2(s: Int32Array): void {
  multiply(s, K2, C2_LOW, C2_HIGH);
  // A rotation by 33 is a swap of the words and a rotation by 1.
  const low = s[K2]!;
  s[K2] = s[K2 + 1]!;
  s[K2 + 1] = low;
  rotateLeft(s, K2, 1);
  multiply(s, K2, C1_LOW, C1_HIGH);
  s[H2]! ^= s[K2]!;
  s[H2 + 1]! ^= s[K2 + 1]!;
}

function avalanche(s: Int32Array, at: number): void {
  // k ^= k >>> 33 only reaches the low word.
  s[at]! ^= s[at + 1]! >>> 1;
  multiply(s, at, 0xed558ccd | 0, 0xff51afd7 | 0);
  s[at]! ^= s[at + 1]! >>> 1;
  multiply(s, at, 0x1a85ec53, 0xc4ceb9fe | 0);
  s[at]! ^= s[at + 1]! >>> 1;
}

/** By 1 to 31 bits. */
function rotateLeft(s: Int32Array, at: number, bits: number): void {
  const low = s[at]!;
  const high = s[at + 1]!;
  s[at] = (low << bits) | (high >>> (32 - bits));
  s[at + 1] = (high << bits) | (low >>> (32 - bits));
}

function add(s: Int32Array, target: number, source: number): void {
  const low = (s[target]! >>> 0) + (s[source]! >>> 0);
  s[target + 1] = s[target + 1]! + s[source + 1]! + (low > 0xffffffff ? 1 : 0);
  s[target] = low;
}

function timesFivePlus(s: Int32Array, at: number, addend: number): void {
  const low = (s[at]! >>> 0) * 5 + addend;
  s[at + 1] = Math.imul(s[at + 1]!, 5) + Math.floor(low / 2 ** 32);
  s[at] = low;
}

function multiply(s: Int32Array, at: number, low: number, high: number): void {
  const sLow = s[at]!;
  s[at + 1] = multiplyHigh(sLow, low) + Math.imul(s[at + 1]!, low) + Math.imul(sLow, high);
  s[at] = Math.imul(sLow, low);
}

/** The upper 32 bits of the 64-bit product of two words taken as unsigned (Warren, "Hacker's Delight", 8-2). */
export function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const first = Math.imul(aLow, bLow) >>> 16;
  const second = ((Math.imul(aHigh, bLow) >>> 0) + first) >>> 0;
  const third = ((Math.imul(aLow, bHigh) >>> 0) + (second & 0xffff)) >>> 0;
  return (Math.imul(aHigh, bHigh) + (second >>> 16) + (third >>> 16)) | 0;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
