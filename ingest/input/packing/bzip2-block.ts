import type { BitReader } from './bit-reader.js';
import { PrefixCode } from './prefix-code.js';

/** Symbols of one group use one code. */
const GROUP_SYMBOLS = 50;
const MAX_GROUPS = 6;
const MAX_CODE_BITS = 20;

/** Symbols that say how often the front of the list stands. */
const RUN_B = 1;

/**
 * Decodes a block behind its magic and its CRC: from bits to the sorted rows' last bytes, as `links` that are ready
 * to be followed, and where to begin. Throws RangeError for what no block can be.
 *
 *     randomised 1, origin 24, alphabet 16 + 16 x 16, groups 3, selectors 15 and their unary move-to-front
 *     indexes, per group the code lengths (first 5 bits, then steps of 1), then the symbols up to the last one
 */
export function readBlock(bits: BitReader, links: Uint32Array): { count: number; first: number } {
  if (bits.read(1) === 1)
    throw new RangeError('a randomised block, which no tool has made since 1997');
  const origin = bits.read(24);
  const alphabet = readAlphabet(bits);
  const codes = readCodes(bits, alphabet.length + 2);
  const counts = new Uint32Array(256);
  const count = readSymbols(bits, alphabet, codes, links, counts);
  if (origin >= count) throw new RangeError('the block has no such row to begin with');
  return { count, first: link(links, counts, count, origin) };
}

function readAlphabet(bits: BitReader): Uint8Array {
  const used = bits.read(16);
  const alphabet: number[] = [];
  for (let row = 0; row < 16; row++) {
    if ((used & (0x8000 >> row)) === 0) continue;
    const cells = bits.read(16);
    for (let i = 0; i < 16; i++) if ((cells & (0x8000 >> i)) !== 0) alphabet.push(row * 16 + i);
  }
  if (alphabet.length === 0) throw new RangeError('the block uses no bytes');
  return Uint8Array.from(alphabet);
}

interface Codes {
  /** The code of each group of symbols, in turn. */
  readonly selectors: Uint8Array;
  readonly tables: readonly PrefixCode[];
}

function readCodes(bits: BitReader, symbols: number): Codes {
  const groups = bits.read(3);
  const selectorCount = bits.read(15);
  if (groups < 2 || groups > MAX_GROUPS || selectorCount === 0) {
    throw new RangeError('the block has no codes');
  }
  const selectors = new Uint8Array(selectorCount);
  const recent = [0, 1, 2, 3, 4, 5];
  for (let i = 0; i < selectorCount; i++) {
    let index = 0;
    while (bits.read(1) === 1) index++;
    if (index >= groups) throw new RangeError('the block has no such code');
    const [table] = recent.splice(index, 1);
    recent.unshift(table!);
    selectors[i] = table!;
  }
  const tables = Array.from({ length: groups }, () => readCode(bits, symbols));
  return { selectors, tables };
}

function readCode(bits: BitReader, symbols: number): PrefixCode {
  const lengths = new Uint8Array(symbols);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbols; symbol++) {
    while (bits.read(1) === 1) {
      length += bits.read(1) === 0 ? 1 : -1;
      if (length < 1 || length > MAX_CODE_BITS) break;
    }
    if (length < 1 || length > MAX_CODE_BITS) throw new RangeError('the code is too long');
    lengths[symbol] = length;
  }
  return new PrefixCode(lengths);
}

/** The bytes of the block, before they are sorted back; counts them by value. */
function readSymbols(
  bits: BitReader,
  alphabet: Uint8Array,
  { selectors, tables }: Codes,
  bytes: Uint32Array,
  counts: Uint32Array,
): number {
  const recent = alphabet.slice();
  const last = alphabet.length + 1;
  let count = 0;
  let run = 0;
  let weight = 1;
  for (let at = 0; ; at++) {
    const group = Math.trunc(at / GROUP_SYMBOLS);
    if (group >= selectors.length) throw new RangeError('the block goes on behind its codes');
    const symbol = tables[selectors[group]!]!.read(bits);
    if (symbol <= RUN_B) {
      run += weight << symbol;
      weight <<= 1;
      if (run > bytes.length) throw new RangeError('the block is larger than it may be');
      continue;
    }
    if (run > 0) {
      if (run > bytes.length - count) throw new RangeError('the block is larger than it may be');
      const byte = recent[0]!;
      bytes.fill(byte, count, count + run);
      counts[byte]! += run;
      count += run;
      run = 0;
      weight = 1;
    }
    if (symbol === last) return count;
    if (count === bytes.length) throw new RangeError('the block is larger than it may be');
    const byte = recent[symbol - 1]!;
    recent.copyWithin(1, 0, symbol - 1);
    recent[0] = byte;
    bytes[count++] = byte;
    counts[byte]!++;
  }
}

/** Turns each entry from a byte into a byte and, above it, the index of the entry that follows; tells the first. */
function link(links: Uint32Array, counts: Uint32Array, count: number, origin: number): number {
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const rows = counts[byte]!;
    counts[byte] = sum;
    sum += rows;
  }
  for (let i = 0; i < count; i++) links[counts[links[i]! & 0xff]!++]! |= i << 8;
  return links[origin]! >>> 8;
}
