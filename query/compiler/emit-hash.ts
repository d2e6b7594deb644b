import { type Code, get, i32, i64, type Local, op } from './wasm/code.js';

/** Fibonacci hashing: the upper half of a product with 2^64 / φ. */
const GOLDEN = 0x9e3779b97f4a7c15n;

/** 32 bits of words of 64; of none, 0. */
export function hashOf(words: readonly Local[]): Code {
  const mixed = words.reduce<Code | null>((hash, word) => {
    // High bits of a word would not reach the bits of the product that are used.
    const folded = op('i64.xor', get(word), op('i64.shr_u', get(word), i64(32n)));
    const next = hash === null ? folded : op('i64.xor', op('i64.rotl', hash, i64(29n)), folded);
    return op('i64.mul', next, i64(GOLDEN));
  }, null);
  return mixed === null ? i32(0) : op('i32.wrap_i64', op('i64.shr_u', mixed, i64(32n)));
}
