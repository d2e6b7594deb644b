import { type Long, utf8Decode } from '../../core/index.js';
import type { LookupTable } from '../../model/index.js';
import type { KernelBuilder } from './kernel-builder.js';
import { type Num, validCode } from './numbers.js';
import {
  add,
  block,
  br,
  brIf,
  type Code,
  get,
  i32,
  i64,
  type Local,
  load,
  loop,
  op,
  set,
  shl,
  tee,
} from './wasm/code.js';

/** An array of all numbers between the least and the greatest takes as many entries for each of them at most. */
const MAX_SPREAD = 4;

/** Any few. */
const MIN_SPAN = 1024;

/** 16 bytes. */
const SLOT_BITS = 4;

/**
 * A code for each of some LONGs, and 0 for all others, as bytes for a kernel to look into.
 *
 *     array  u32 each: the codes of `base` and the numbers behind it
 *     hash   slots of 16 bytes, a power of two: i64 number, u32 code, 0 where the slot is free; linear probing
 */
export type LongCodes =
  | { readonly kind: 'array'; readonly base: number; readonly bytes: Uint8Array }
  | { readonly kind: 'hash'; readonly bytes: Uint8Array };

/** Of the keys of a lookup that are LONGs as they are written as texts; no LONG is any other key. */
export function longCodesOf(table: LookupTable, codeOfPair: Uint32Array): LongCodes {
  const keys: Long[] = [];
  const codes: number[] = [];
  let pair = 0;
  table.eachKey((bytes, from, to) => {
    const number = longIn(bytes, from, to);
    if (number !== null) {
      keys.push(number);
      codes.push(codeOfPair[pair]!);
    }
    pair++;
  });
  return arrayOf(keys, codes) ?? hashOf(keys, codes);
}

function arrayOf(keys: readonly Long[], codes: readonly number[]): LongCodes | null {
  let [base, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const key of keys) {
    if (typeof key === 'bigint') return null;
    base = Math.min(base, key);
    last = Math.max(last, key);
  }
  const span = keys.length === 0 ? 0 : last - base + 1;
  if (span > Math.max(MIN_SPAN, MAX_SPREAD * keys.length)) return null;
  const array = new Uint32Array(span);
  for (const [i, key] of keys.entries()) array[Number(key) - base] = codes[i]!;
  return { kind: 'array', base: span === 0 ? 0 : base, bytes: new Uint8Array(array.buffer) };
}

function hashOf(keys: readonly Long[], codes: readonly number[]): LongCodes {
  // At least half of the slots are free.
  const slotCount = 2 ** Math.ceil(Math.log2(2 * keys.length));
  const words = new Int32Array(4 * slotCount);
  for (const [i, key] of keys.entries()) {
    const [low, high] = halvesOf(key);
    let slot = slotOf(low, high) & (slotCount - 1);
    while (words[4 * slot + 2] !== 0) slot = (slot + 1) & (slotCount - 1);
    words.set([low, high, codes[i]!], 4 * slot);
  }
  return { kind: 'hash', bytes: new Uint8Array(words.buffer) };
}

/** Of 64 bits. */
function halvesOf(key: Long): readonly [low: number, high: number] {
  if (typeof key === 'number') return [key | 0, Math.floor(key / 2 ** 32) | 0];
  return [Number(BigInt.asIntN(32, key)), Number(key >> 32n)];
}

const [LOW_FACTOR, HIGH_FACTOR] = [0x9e3779b1, 0x85ebca6b];

/** Of the halves of a LONG; `slotCode` is the same. */
function slotOf(low: number, high: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, HIGH_FACTOR), LOW_FACTOR);
  return mixed ^ (mixed >>> 15);
}

/** The LONG that a text is, written as `cast` writes it; null where it is none. */
function longIn(bytes: Uint8Array, from: number, to: number): Long | null {
  const isNegative = bytes[from] === MINUS;
  const first = isNegative ? from + 1 : from;
  const isPadded = bytes[first] === ZERO && (isNegative || to - first > 1);
  if (to === first || to - first > MAX_DIGITS || isPadded) return null;
  let number = 0;
  for (let at = first; at < to; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return null;
    number = 10 * number + digit;
  }
  if (number <= Number.MAX_SAFE_INTEGER) return isNegative ? -number : number;
  const exact = BigInt(utf8Decode(bytes.subarray(from, to)));
  return BigInt.asIntN(64, exact) === exact ? exact : null;
}

const [MINUS, ZERO] = [0x2d, 0x30];
const MAX_DIGITS = 19;

/** The code of the number of the current row; 0 where it is null. */
export function longCode(kernel: KernelBuilder, num: Num, codes: LongCodes): Code {
  return codes.kind === 'array' ? inArray(kernel, num, codes) : inHash(kernel, num, codes);
}

function inArray(
  kernel: KernelBuilder,
  num: Num,
  { base, bytes }: Extract<LongCodes, { kind: 'array' }>,
): Code {
  const at = kernel.local('at', 'i64');
  const distance = op('i64.sub', num.value(kernel), get(kernel.constant('i64', BigInt(base))));
  const isWithin = op(
    'i64.lt_u',
    tee(at, distance),
    get(kernel.constant('i64', BigInt(bytes.length / 4))),
  );
  const table = get(kernel.table(bytes));
  return {
    kind: 'if',
    test: num.valid === null ? isWithin : op('i32.and', validCode(num, kernel), isWithin),
    yes: [load('i32.load', add(table, shl(op('i32.wrap_i64', get(at)), 2)))],
    no: [i32(0)],
    gives: 'i32',
  };
}

function inHash(
  kernel: KernelBuilder,
  num: Num,
  { bytes }: Extract<LongCodes, { kind: 'hash' }>,
): Code {
  const word = kernel.local('word', 'i64');
  const [slot, at] = [kernel.local('slot', 'i32'), kernel.local('at', 'i32')];
  const table = get(kernel.table(bytes));
  const last = get(kernel.constant('i32', bytes.length / 2 ** SLOT_BITS - 1));
  return {
    kind: 'if',
    test: validCode(num, kernel),
    yes: [
      set(word, num.value(kernel)),
      set(slot, slotCode(kernel, word)),
      block('found', (found) => [
        loop('slots', (next) => [
          set(at, add(table, shl(op('i32.and', get(slot), last), SLOT_BITS))),
          brIf(found, op('i32.eqz', load('i32.load', get(at), 8))),
          brIf(found, op('i64.eq', load('i64.load', get(at)), get(word))),
          set(slot, add(get(slot), i32(1))),
          br(next),
        ]),
      ]),
      load('i32.load', get(at), 8),
    ],
    no: [i32(0)],
    gives: 'i32',
  };
}

function slotCode(kernel: KernelBuilder, word: Local): Code {
  const mixed = kernel.local('mixed', 'i32');
  const high = op('i32.wrap_i64', op('i64.shr_u', get(word), i64(32n)));
  const folded = op(
    'i32.xor',
    op('i32.wrap_i64', get(word)),
    op('i32.mul', high, i32(HIGH_FACTOR | 0)),
  );
  const product = tee(mixed, op('i32.mul', folded, i32(LOW_FACTOR | 0)));
  return op('i32.xor', product, op('i32.shr_u', get(mixed), i32(15)));
}
