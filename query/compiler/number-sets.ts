import type { Long } from '../../core/index.js';
import { NAN_BITS } from '../../sketches/index.js';
import type { KernelBuilder } from './kernel-builder.js';
import { type Num, plainBits } from './numbers.js';
import {
  add,
  brIf,
  type Code,
  get,
  i32,
  load,
  loop,
  op,
  select,
  set,
  shl,
  tee,
} from './wasm/code.js';

/**
 * Whether a number is among many, 0 or 1: a binary search in a table of words, i64 each, ascending.
 * -0 equals 0, and NaN equals NaN.
 */
export function memberCode(kernel: KernelBuilder, num: Num, points: readonly Long[]): Code {
  const words = wordsOf(num, points);
  const word = kernel.local('word', 'i64');
  const at = kernel.local('at', 'i32');
  const [left, half] = [kernel.local('left', 'i32'), kernel.local('half', 'i32')];
  const middle = add(get(at), shl(get(half), 3));
  const low = get(kernel.constant('i64', words[0]!));
  const high = get(kernel.constant('i64', words.at(-1)!));
  return {
    kind: 'if',
    test: op(
      'i32.and',
      op('i64.ge_s', tee(word, plainBits(kernel, num)), low),
      op('i64.le_s', get(word), high),
    ),
    yes: [
      set(at, get(kernel.table(new Uint8Array(words.buffer)))),
      set(left, get(kernel.constant('i32', words.length))),
      // The word is not before `at`, and not `left` words behind it.
      loop('halves', (again) => [
        set(half, op('i32.shr_u', get(left), i32(1))),
        set(at, select(middle, get(at), op('i64.le_s', load('i64.load', middle), get(word)))),
        set(left, op('i32.sub', get(left), get(half))),
        brIf(again, op('i32.gt_u', get(left), i32(1))),
      ]),
      op('i64.eq', load('i64.load', get(at)), get(word)),
    ],
    no: [i32(0)],
    gives: 'i32',
  };
}

/** As `plainBits` makes them, each once. */
function wordsOf({ type }: Num, points: readonly Long[]): BigInt64Array<ArrayBuffer> {
  const words = points.map(type === 'LONG' ? BigInt : doubleBits);
  return BigInt64Array.from(new Set(words)).sort();
}

function doubleBits(point: Long): bigint {
  const double = Number(point) + 0;
  if (Number.isNaN(double)) return NAN_BITS;
  return new BigInt64Array(Float64Array.of(double).buffer)[0]!;
}
