import type { Long } from '../../core/index.js';
import type { ScanColumn } from '../../segments/index.js';
import { NAN_BITS } from '../../sketches/index.js';
import type { CodeTable } from './code-tables.js';
import type { CodeColumn } from './columns.js';
import type { KernelBuilder } from './kernel-builder.js';
import { constantLinear, type Linear } from './linear.js';
import {
  add,
  type Code,
  choose,
  f64,
  get,
  i32,
  i64,
  load,
  op,
  select,
  shl,
  tee,
} from './wasm/code.js';

/**
 * A number of the current row. LONG is an i64, DOUBLE an f64. `valid` is 1 where it is not null, 0
 * where it is; null where it never is. What `value` gives for a null means nothing.
 */
export interface Num {
  readonly type: 'LONG' | 'DOUBLE';
  readonly value: (kernel: KernelBuilder) => Code;
  readonly valid: ((kernel: KernelBuilder) => Code) | null;
  /** The stored column whose entries it is. */
  readonly column?: ScanColumn;
  /** Of a LONG that is computed from another one, or is constant. */
  readonly linear?: Linear;
  /** Null in every row, and of no type: it takes that of what it meets. */
  readonly isUntyped?: true;
}

/** The entries of a numeric column. */
export function columnNumber(scan: ScanColumn): Num {
  const { nulls } = scan;
  const valid =
    nulls === null ? null : (kernel: KernelBuilder) => kernel.bit(kernel.validMask(nulls));
  const type = scan.type === 'LONG' ? 'LONG' : 'DOUBLE';
  return { type, value: (kernel) => entryValue(kernel, scan), valid, column: scan };
}

function entryValue(kernel: KernelBuilder, scan: ScanColumn): Code {
  const { layout, width, address, base, unit, type } = scan;
  switch (layout) {
    case 'constant':
      return type === 'LONG'
        ? get(kernel.constant('i64', BigInt(base)))
        : get(kernel.constant('f64', Number(base)));
    case 'doubles':
      return load('f64.load', kernel.entry(address, 3));
    case 'floats':
      return op('f64.promote_f32', load('f32.load', kernel.entry(address, 2)));
    case 'longs':
      return load('i64.load', kernel.entry(address, 3));
    case 'codes':
      return dictionaryValue(kernel, scan);
    default: {
      const delta = load(LONG_LOADS[width as 1 | 2 | 4], kernel.entry(address, Math.log2(width)));
      const above =
        unit === 1 ? delta : op('i64.mul', delta, get(kernel.constant('i64', BigInt(unit))));
      return base === 0 ? above : op('i64.add', above, get(kernel.constant('i64', BigInt(base))));
    }
  }
}

/** The number that a row's code stands for. */
function dictionaryValue(
  kernel: KernelBuilder,
  { type, width, address, values }: ScanColumn,
): Code {
  const code = load(CODE_LOADS[width]!, kernel.entry(address, Math.log2(width)));
  const at = add(get(kernel.constant('i32', values!)), shl(code, type === 'FLOAT' ? 2 : 3));
  if (type === 'LONG') return load('i64.load', at);
  return type === 'DOUBLE' ? load('f64.load', at) : op('f64.promote_f32', load('f32.load', at));
}

const LONG_LOADS = {
  1: 'i64.load8_u',
  2: 'i64.load16_u',
  4: 'i64.load32_u',
  8: 'i64.load',
} as const;

const CODE_LOADS: Readonly<Record<number, string>> = {
  1: 'i32.load8_u',
  2: 'i32.load16_u',
  4: 'i32.load',
};

/** The code of the current row. */
export function codeOf(kernel: KernelBuilder, { scan, nullCode }: CodeColumn): Code {
  const code =
    scan.width === 0
      ? i32(0)
      : load(CODE_LOADS[scan.width]!, kernel.entry(scan.address, Math.log2(scan.width)));
  if (nullCode === null || scan.nulls === null) return code;
  const valid = kernel.bit(kernel.validMask(scan.nulls));
  return choose(valid, code, get(kernel.constant('i32', nullCode)));
}

/** The combination of the codes of several columns: those of the first one lie side by side. */
export function codeOfAll(kernel: KernelBuilder, columns: readonly CodeColumn[]): Code {
  let stride = 1;
  return columns.reduce<Code>((code, column) => {
    const own = codeOf(kernel, column);
    const scaled = stride === 1 ? own : op('i32.mul', own, get(kernel.constant('i32', stride)));
    stride *= column.size;
    return add(code, scaled);
  }, i32(0));
}

/** A number that a table gives for each code. */
export function tableNumber(
  code: (kernel: KernelBuilder) => Code,
  { type, width, base, bytes, valid }: CodeTable,
): Num {
  const entry = (kernel: KernelBuilder): Code => {
    const at = add(get(kernel.table(bytes)), shl(code(kernel), Math.log2(width)));
    return load(type === 'LONG' ? LONG_LOADS[width] : 'f64.load', at);
  };
  return {
    type,
    value: (kernel) =>
      base === 0n ? entry(kernel) : op('i64.add', entry(kernel), get(kernel.constant('i64', base))),
    valid:
      valid === null
        ? null
        : (kernel) => load('i32.load8_u', add(get(kernel.table(valid)), code(kernel))),
  };
}

export const constantNumber = (type: Num['type'], value: Long): Num => ({
  type,
  value: (kernel) =>
    get(
      type === 'LONG'
        ? kernel.constant('i64', BigInt(value))
        : kernel.constant('f64', Number(value)),
    ),
  valid: null,
  ...(type === 'LONG' ? { linear: constantLinear(BigInt(value)) } : {}),
});

/** Null in every row. */
export const nullNumber = (type: Num['type']): Num => ({
  type,
  value: () => (type === 'LONG' ? i64(0n) : f64(0)),
  valid: () => i32(0),
});

/** The null of a literal, or of a column that is not there. */
export const UNTYPED_NULL: Num = { ...nullNumber('LONG'), isUntyped: true };

/** As an f64. */
export function asDouble(num: Num): Num {
  if (num.type === 'DOUBLE') return num;
  const { valid, value } = num;
  return { type: 'DOUBLE', valid, value: (kernel) => op('f64.convert_i64_s', value(kernel)) };
}

/** As an i64: truncated and saturated, as Java casts. */
export function asLong(num: Num): Num {
  if (num.isUntyped) return nullNumber('LONG');
  if (num.type === 'LONG') return num;
  const { valid, value } = num;
  return { type: 'LONG', valid, value: (kernel) => op('i64.trunc_sat_f64_s', value(kernel)) };
}

/** Rounded to 32 bits. */
export function asFloat(num: Num): Num {
  const { valid, value } = asDouble(num);
  return {
    type: 'DOUBLE',
    valid,
    value: (kernel) => op('f64.promote_f32', op('f32.demote_f64', value(kernel))),
  };
}

/** Valid where both are. */
export function bothValid(a: Num, b: Num): Num['valid'] {
  const [left, right] = [a.valid, b.valid];
  if (left === null || right === null) return left ?? right;
  return (kernel) => op('i32.and', left(kernel), right(kernel));
}

export const validCode = (num: Num, kernel: KernelBuilder): Code =>
  num.valid === null ? i32(1) : num.valid(kernel);

/** The 64 bits of a number. */
export function bitsOf(kernel: KernelBuilder, num: Num): Code {
  const value = num.value(kernel);
  return num.type === 'LONG' ? value : op('i64.reinterpret_f64', value);
}

/** The same for equal numbers: zero has two signs, and NaN many bits. */
export function plainBits(kernel: KernelBuilder, num: Num): Code {
  if (num.type === 'LONG') return num.value(kernel);
  const x = kernel.local('x', 'f64');
  const value = tee(x, op('f64.add', num.value(kernel), f64(0)));
  return select(op('i64.reinterpret_f64', value), i64(NAN_BITS), op('f64.eq', get(x), get(x)));
}

/** The smaller or larger of two. */
export function extremeLong(kernel: KernelBuilder, kind: 'min' | 'max', a: Code, b: Code): Code {
  const [first, second] = [kernel.local('a', 'i64'), kernel.local('b', 'i64')];
  const test = op(kind === 'min' ? 'i64.lt_s' : 'i64.gt_s', get(first), get(second));
  return select(tee(first, a), tee(second, b), test);
}
