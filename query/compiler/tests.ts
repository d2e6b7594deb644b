import type { KernelBuilder } from './kernel-builder.js';
import {
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
  when,
} from './wasm/code.js';
import type { EntryBounds } from './zones.js';

/**
 * A two-valued test of rows. Three-valued filters become two of these, one for "is true" and one for
 * "is false", so that kernels never see the third value.
 *
 *     mask   computes the bits of all 64 rows of a block at once
 *     rows   tests the current row: 0 or 1
 *
 * `bounds`, where a test has some, are those of entries that may pass: each row that does is within one of them.
 */
export type Test =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'and' | 'or'; readonly tests: readonly Test[] }
  | { readonly kind: 'not'; readonly test: Test }
  | {
      readonly kind: 'mask';
      readonly mask: (kernel: KernelBuilder) => Code;
      readonly bounds?: readonly EntryBounds[];
    }
  | {
      readonly kind: 'rows';
      readonly row: (kernel: KernelBuilder) => Code;
      readonly bounds?: readonly EntryBounds[];
    };

export const ALWAYS: Test = { kind: 'constant', value: true };
export const NEVER: Test = { kind: 'constant', value: false };

export function allOf(tests: readonly Test[]): Test {
  const open = tests.filter((test) => test.kind !== 'constant' || !test.value);
  if (open.some(({ kind }) => kind === 'constant')) return NEVER;
  if (open.length < 2) return open[0] ?? ALWAYS;
  return { kind: 'and', tests: cheapFirst(open) };
}

/** As `allOf`, asked in the order given. */
export function allInOrder(tests: readonly Test[]): Test {
  const all = allOf(tests);
  return all.kind === 'and' ? { kind: 'and', tests: tests.filter((test) => test !== ALWAYS) } : all;
}

export function anyOf(tests: readonly Test[]): Test {
  const open = tests.filter((test) => test.kind !== 'constant' || test.value);
  if (open.some(({ kind }) => kind === 'constant')) return ALWAYS;
  if (open.length < 2) return open[0] ?? NEVER;
  return { kind: 'or', tests: cheapFirst(open) };
}

export function noneOf(test: Test): Test {
  if (test.kind === 'constant') return test.value ? NEVER : ALWAYS;
  return test.kind === 'not' ? test.test : { kind: 'not', test };
}

const cheapFirst = (tests: readonly Test[]): Test[] =>
  [...tests].sort((a, b) => Number(isByRow(a)) - Number(isByRow(b)));

function isByRow(test: Test): boolean {
  if (test.kind === 'and' || test.kind === 'or') return test.tests.some(isByRow);
  return test.kind === 'not' ? isByRow(test.test) : test.kind === 'rows';
}

/** Instructions that set `into` to the bits of `within` whose rows pass. */
export function emitTest(kernel: KernelBuilder, test: Test, within: Local, into: Local): Code[] {
  switch (test.kind) {
    case 'constant':
      return [set(into, test.value ? get(within) : i64(0n))];
    case 'mask':
      return [set(into, op('i64.and', test.mask(kernel), get(within)))];
    case 'rows':
      return emitRows(kernel, test.row(kernel), within, into);
    case 'not': {
      const inner = kernel.local('inner', 'i64');
      const without = op('i64.and', get(within), op('i64.xor', get(inner), i64(-1n)));
      return [...emitTest(kernel, test.test, within, inner), set(into, without)];
    }
    case 'and': {
      const rest = kernel.local('rest', 'i64');
      const steps = test.tests.map((each, i) => {
        const code = emitTest(kernel, each, rest, rest);
        return i === 0 ? code : [when(op('i64.ne', get(rest), i64(0n)), code)];
      });
      return [set(rest, get(within)), ...steps.flat(), set(into, get(rest))];
    }
    case 'or':
      return emitAny(kernel, test.tests, within, into);
  }
}

/** Each further test sees only the rows that none before it took. */
function emitAny(
  kernel: KernelBuilder,
  tests: readonly Test[],
  within: Local,
  into: Local,
): Code[] {
  const rest = kernel.local('rest', 'i64');
  const found = kernel.local('found', 'i64');
  const steps = tests.map((each, i) => {
    const code = [
      ...emitTest(kernel, each, rest, found),
      set(rest, op('i64.xor', get(rest), get(found))),
    ];
    return i === 0 ? code : [when(op('i64.ne', get(rest), i64(0n)), code)];
  });
  const taken = op('i64.xor', get(within), get(rest));
  return [set(rest, get(within)), ...steps.flat(), set(into, taken)];
}

/** Tests one row after another: only those that are still in. */
function emitRows(kernel: KernelBuilder, test: Code, within: Local, into: Local): Code[] {
  const rest = kernel.local('rest', 'i64');
  const passed = kernel.local('passed', 'i64');
  const bit = op('i64.shl', op('i64.extend_i32_u', test), op('i64.extend_i32_u', get(kernel.row)));
  const add = [set(passed, op('i64.or', get(passed), bit))];
  return [
    set(rest, get(within)),
    set(passed, i64(0n)),
    ...eachRowOf(kernel, rest, add),
    set(into, get(passed)),
  ];
}

/** Runs `body` on every row of the mask, which may be 0 afterwards: in a plain loop where all 64 are. */
export function eachRowOf(kernel: KernelBuilder, mask: Local, body: readonly Code[]): Code[] {
  const last = op('i32.add', get(kernel.blockRow), i32(64));
  const dense = [
    set(kernel.row, get(kernel.blockRow)),
    loop('rows', (next) => [
      ...body,
      set(kernel.row, op('i32.add', get(kernel.row), i32(1))),
      brIf(next, op('i32.lt_u', get(kernel.row), last)),
    ]),
  ];
  return [when(op('i64.eq', get(mask), i64(-1n)), dense, eachBit(kernel, mask, body))];
}

/** Runs `body` on the row of every set bit of `mask`, which is 0 afterwards. */
function eachBit(kernel: KernelBuilder, mask: Local, body: readonly Code[]): Code[] {
  const lowest = op('i32.wrap_i64', op('i64.ctz', get(mask)));
  return [
    block('done', (done) => [
      loop('next', (next) => [
        brIf(done, op('i64.eqz', get(mask))),
        set(kernel.row, op('i32.add', get(kernel.blockRow), lowest)),
        set(mask, op('i64.and', get(mask), op('i64.sub', get(mask), i64(1n)))),
        ...body,
        br(next),
      ]),
    ]),
  ];
}

/**
 * Unsigned entries of 1, 2 or 4 bytes within [low, low + span], 16 rows to a step. The bits of one
 * block in four steps:
 *
 *     bytes ─ subtract low ─ compare unsigned ─► 0xff or 0 per row ─► one bit per row
 */
export function rangeMask(address: number, width: 1 | 2 | 4, low: number, span: number): Test {
  return {
    kind: 'mask',
    bounds: [{ address, width, low, high: low + span }],
    mask(kernel) {
      const start = kernel.local('at', 'i32');
      const lows = splat(kernel, width, low);
      const spans = splat(kernel, width, span);
      const lanes = LANES[width];
      const within = (offset: number): Code =>
        op(
          `${lanes}.le_u`,
          op(`${lanes}.sub`, load('v128.load', get(start), offset), get(lows)),
          get(spans),
        );
      const step = (i: number): Code => {
        const mask = op('i64.extend_i32_u', op('i8x16.bitmask', narrowed(width, i, within)));
        return i === 0 ? mask : op('i64.shl', mask, i64(BigInt(16 * i)));
      };
      const bits = [0, 1, 2, 3].map(step).reduce((a, b) => op('i64.or', a, b));
      kernel.blockStart.push(set(start, kernel.blockEntry(address, Math.log2(width))));
      return bits;
    },
  };
}

const LANES = { 1: 'i8x16', 2: 'i16x8', 4: 'i32x4' } as const;

/** The comparison of 16 rows as 16 bytes. */
function narrowed(width: 1 | 2 | 4, step: number, within: (offset: number) => Code): Code {
  const at = 16 * width * step;
  if (width === 1) return within(at);
  if (width === 2) return op('i8x16.narrow_i16x8_s', within(at), within(at + 16));
  const half = (offset: number) => op('i16x8.narrow_i32x4_s', within(offset), within(offset + 16));
  return op('i8x16.narrow_i16x8_s', half(at), half(at + 32));
}

/** A constant in every lane. */
function splat(kernel: KernelBuilder, width: 1 | 2 | 4, value: number): Local {
  const vector = kernel.local('lanes', 'v128');
  const scalar = kernel.constant('i32', value | 0);
  kernel.prologue.push(set(vector, op(`${LANES[width]}.splat`, get(scalar))));
  return vector;
}

/** The bits of a null bitmap, or of its complement. */
export const nullMask = (nullsAddress: number, wanted: 'null' | 'valid'): Test => ({
  kind: 'mask',
  mask(kernel) {
    const valid = get(kernel.validMask(nullsAddress));
    return wanted === 'valid' ? valid : op('i64.xor', valid, i64(-1n));
  },
});

/** Whether a table of bytes, one per code, says so. */
export const tableTest = (code: (kernel: KernelBuilder) => Code, table: Uint8Array): Test => ({
  kind: 'rows',
  row: (kernel) => load('i32.load8_u', op('i32.add', get(kernel.table(table)), code(kernel))),
});
