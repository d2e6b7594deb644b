import type { KernelBuilder } from './kernel-builder.js';
import { type Num, plainBits } from './numbers.js';
import type { SketchKind } from './sketch-kinds.js';
import { type Code, type Local, set } from './wasm/code.js';

/** Sets `entry` to what a number that is not null adds to a sketch. */
export function entryOfNumber(
  kernel: KernelBuilder,
  num: Num,
  kind: SketchKind,
  entry: Local,
): Code[] {
  const bits = kernel.local('bits', 'i64');
  const { steps, h1, h2 } = kind.hash(kernel, bits);
  return [set(bits, plainBits(kernel, num)), ...steps, set(entry, kind.entry(h1, h2))];
}
