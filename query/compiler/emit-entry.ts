import type { KernelBuilder } from './kernel-builder.js';
import { type Num, plainBits } from './numbers.js';
import type { SketchKind } from './sketch-kinds.js';
import { type Code, get, i64, type Local, op, set } from './wasm/code.js';

/**
 * Sets `entry` to what a number that is not null adds to a sketch.
 *
 * MurmurHash3_x64_128 of 8 bytes: they are a tail, so that h1 is the seed and the one mixed word, h2 is the
 * seed, and all that is left is the end.
 */
export function entryOfNumber(
  kernel: KernelBuilder,
  num: Num,
  kind: SketchKind,
  entry: Local,
): Code[] {
  const [bits, h1, h2] = [
    kernel.local('bits', 'i64'),
    kernel.local('h1', 'i64'),
    kernel.local('h2', 'i64'),
  ];
  const mixed = op('i64.mul', op('i64.rotl', op('i64.mul', get(bits), i64(C1)), i64(31n)), i64(C2));
  const ended = i64(kind.seed ^ LENGTH);
  return [
    set(bits, plainBits(kernel, num)),
    // Both halves are xor-ed with the length, then h1 += h2, h2 += h1.
    set(h1, op('i64.add', op('i64.xor', mixed, ended), ended)),
    set(h2, op('i64.add', get(h1), ended)),
    ...avalanche(h1),
    ...avalanche(h2),
    set(h1, op('i64.add', get(h1), get(h2))),
    set(h2, op('i64.add', get(h2), get(h1))),
    set(entry, kind.entry(get(h1), get(h2))),
  ];
}

const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;
const LENGTH = 8n;

function avalanche(half: Local): Code[] {
  const shifted = op('i64.xor', get(half), op('i64.shr_u', get(half), i64(33n)));
  return [
    set(half, op('i64.mul', shifted, i64(0xff51afd7ed558ccdn))),
    set(half, op('i64.mul', shifted, i64(0xc4ceb9fe1a85ec53n))),
    set(half, shifted),
  ];
}
