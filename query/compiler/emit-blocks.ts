import type { KernelBuilder } from './kernel-builder.js';
import { eachRowOf } from './tests.js';
import {
  block,
  br,
  brIf,
  type Code,
  get,
  i32,
  i64,
  type Local,
  loop,
  op,
  set,
  when,
} from './wasm/code.js';

/** What a kernel does with a block of 64 rows. */
export interface BlockSteps {
  /** Before anything else; may return. */
  readonly first: readonly Code[];
  /** Takes bits out of `mask`. */
  readonly test: readonly Code[];
  /** Where bits are left. */
  readonly passed: readonly Code[];
}

/** The body of a kernel: from block to block, `mask` holding the rows of a block that lie in the call. */
export function emitBlocks(kernel: KernelBuilder, mask: Local, steps: BlockSteps): Code[] {
  return [
    set(kernel.blockRow, op('i32.and', get(kernel.from), i32(-64))),
    block('end', (end) => [
      loop('blocks', (next) => [
        brIf(end, op('i32.ge_u', get(kernel.blockRow), get(kernel.to))),
        ...steps.first,
        set(mask, rowsOfCall(kernel)),
        ...kernel.blockStart,
        ...steps.test,
        when(op('i64.ne', get(mask), i64(0n)), steps.passed),
        set(kernel.blockRow, op('i32.add', get(kernel.blockRow), i32(64))),
        br(next),
      ]),
    ]),
  ];
}

/** All 64 rows, but for those of the first and last block that lie outside [from, to). */
function rowsOfCall({ from, to, blockRow }: KernelBuilder): Code {
  const all = i64(-1n);
  const before = op('i64.extend_i32_u', op('i32.sub', get(from), get(blockRow)));
  const left = op('i32.sub', get(to), get(blockRow));
  const behind = op('i64.extend_i32_u', op('i32.sub', i32(64), left));
  const fromMask: Code = {
    kind: 'if',
    test: op('i32.gt_u', get(from), get(blockRow)),
    yes: [op('i64.shl', all, before)],
    no: [all],
    gives: 'i64',
  };
  const toMask: Code = {
    kind: 'if',
    test: op('i32.lt_u', left, i32(64)),
    yes: [op('i64.shr_u', all, behind)],
    no: [all],
    gives: 'i64',
  };
  return op('i64.and', fromMask, toMask);
}

/** Runs `body` on every row of the mask, if there is one. */
export const eachRow = (kernel: KernelBuilder, mask: Local, body: readonly Code[]): Code[] =>
  body.length === 0 ? [] : eachRowOf(kernel, mask, body);
