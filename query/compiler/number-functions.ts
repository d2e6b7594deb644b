import type { KernelBuilder } from './kernel-builder.js';
import {
  asDouble,
  bothValid,
  constantNumber,
  extremeLong,
  type Num,
  validCode,
} from './numbers.js';
import { type Code, choose, f64, get, i64, op, select, tee } from './wasm/code.js';

/** A function of numbers; null for arguments for which it has to be interpreted. */
type NumberFunction = (...args: readonly Num[]) => Num | null;

/** The functions that are computed row by row, each as in `model/expressions/functions/`. */
export const NUMBER_FUNCTIONS: Readonly<Record<string, NumberFunction>> = {
  abs: (x) => (x!.type === 'LONG' ? ofLong(x!, absolute) : ofDouble('f64.abs')(x!)),
  floor: ofDouble('f64.floor'),
  ceil: ofDouble('f64.ceil'),
  rint: ofDouble('f64.nearest'),
  sqrt: ofDouble('f64.sqrt'),
  round: (x, places) => {
    if (places !== undefined && constantOf(places) !== 0n) return null;
    if (x!.type === 'LONG') return x!;
    const { valid, value } = x!;
    return { type: 'DOUBLE', valid, value: (kernel) => rounded(kernel, value(kernel)) };
  },
  min: (x, y) => extreme('min', x!, y!),
  max: (x, y) => extreme('max', x!, y!),
  least: (...args) => extremeOfAll('min', args),
  greatest: (...args) => extremeOfAll('max', args),
  div: (x, y) => {
    if (x!.type === 'LONG' && y!.type === 'LONG') return wholeDivision('/', x!, y!);
    const { valid, value } = quotient(x!, y!);
    return { type: 'LONG', valid, value: (kernel) => op('i64.trunc_sat_f64_s', value(kernel)) };
  },
  safe_divide: (x, y) => safeQuotient(x!, y!),
  isnull: (x) => nullTest(x!, 'null'),
  notnull: (x) => nullTest(x!, 'known'),
};

/** LONG division or remainder by a constant other than 0, which cannot fail. */
export function wholeDivision(operator: '/' | '%', x: Num, y: Num): Num | null {
  const divisor = constantOf(y);
  if (x.type !== 'LONG' || divisor === null || divisor === 0n) return null;
  return ofLong(x, (kernel, value) => {
    // The instruction would fail on the least LONG, where the quotient wraps.
    if (divisor === -1n) return op('i64.mul', value, i64(operator === '/' ? -1n : 0n));
    const name = operator === '/' ? 'i64.div_s' : 'i64.rem_s';
    return op(name, value, get(kernel.constant('i64', divisor)));
  });
}

/** The LONG that a number is in every row; null where it may change. */
const constantOf = ({ linear }: Num): bigint | null =>
  linear !== undefined && linear.base === null ? linear.offset : null;

function ofLong({ valid, value }: Num, fn: (kernel: KernelBuilder, x: Code) => Code): Num {
  return { type: 'LONG', valid, value: (kernel) => fn(kernel, value(kernel)) };
}

function ofDouble(name: string): (x: Num | undefined) => Num {
  return (x) => {
    const { valid, value } = asDouble(x!);
    return { type: 'DOUBLE', valid, value: (kernel) => op(name, value(kernel)) };
  };
}

function absolute(kernel: KernelBuilder, value: Code): Code {
  const x = kernel.local('x', 'i64');
  const negative = op('i64.sub', i64(0n), tee(x, value));
  return select(negative, get(x), op('i64.lt_s', get(x), i64(0n)));
}

/** Halves away from zero; NaN is 0, the infinities are the largest doubles, and -0 comes of -0 alone. */
function rounded(kernel: KernelBuilder, value: Code): Code {
  const [x, whole] = [kernel.local('x', 'f64'), kernel.local('whole', 'f64')];
  const isWhole = op('f64.eq', tee(whole, op('f64.trunc', tee(x, value))), get(x));
  const isBounded = op('f64.lt', op('f64.abs', get(x)), f64(Number.POSITIVE_INFINITY));
  const asIs = select(get(x), op('f64.copysign', f64(Number.MAX_VALUE), get(x)), isBounded);
  const isHalf = op('f64.ge', op('f64.abs', op('f64.sub', get(x), get(whole))), f64(0.5));
  const step = select(op('f64.copysign', f64(1), get(x)), f64(0), isHalf);
  const nearest = op('f64.add', op('f64.add', get(whole), step), f64(0));
  return choose(isWhole, asIs, select(nearest, f64(0), op('f64.eq', get(x), get(x))));
}

/** The smaller or larger of two, null where one of them is. */
function extreme(kind: 'min' | 'max', x: Num, y: Num): Num {
  const valid = bothValid(x, y);
  if (x.type === 'LONG' && y.type === 'LONG') {
    const value = (kernel: KernelBuilder) =>
      extremeLong(kernel, kind, x.value(kernel), y.value(kernel));
    return { type: 'LONG', valid, value };
  }
  const [a, b] = [asDouble(x), asDouble(y)];
  return {
    type: 'DOUBLE',
    valid,
    value: (kernel) => op(`f64.${kind}`, a.value(kernel), b.value(kernel)),
  };
}

function extremeOfAll(kind: 'min' | 'max', [first, ...others]: readonly Num[]): Num | null {
  if (first === undefined || first.type !== 'LONG') return null;
  return others.reduce<Num | null>((best, each) => extremeOfKnown(kind, best, each), first);
}

/** The smaller or larger of those LONGs that are not null: in place of a null stands what leaves the other as it is. */
function extremeOfKnown(kind: 'min' | 'max', x: Num | null, y: Num): Num | null {
  if (x === null || y.type !== 'LONG') return null;
  const neutral = i64(kind === 'min' ? 2n ** 63n - 1n : -(2n ** 63n));
  const known = ({ value, valid }: Num, kernel: KernelBuilder): Code =>
    valid === null ? value(kernel) : select(value(kernel), neutral, valid(kernel));
  const isSure = x.valid === null || y.valid === null;
  return {
    type: 'LONG',
    valid: isSure ? null : (kernel) => op('i32.or', validCode(x, kernel), validCode(y, kernel)),
    value: (kernel) => extremeLong(kernel, kind, known(x, kernel), known(y, kernel)),
  };
}

function quotient(x: Num, y: Num): Num {
  const [a, b] = [asDouble(x), asDouble(y)];
  const value = (kernel: KernelBuilder) => op('f64.div', a.value(kernel), b.value(kernel));
  return { type: 'DOUBLE', valid: bothValid(x, y), value };
}

/** Null where the divisor is 0. */
function safeQuotient(x: Num, y: Num): Num {
  const both = bothValid(x, y);
  const isLong = x.type === 'LONG' && y.type === 'LONG';
  const divisor = isLong ? y : asDouble(y);
  const valid = (kernel: KernelBuilder): Code => {
    const value = divisor.value(kernel);
    const isZero = isLong ? op('i64.eqz', value) : op('f64.eq', value, f64(0));
    const hasQuotient = op('i32.eqz', isZero);
    return both === null ? hasQuotient : op('i32.and', both(kernel), hasQuotient);
  };
  if (!isLong) return { ...quotient(x, y), valid };
  return {
    type: 'LONG',
    valid,
    value: (kernel) => wrappedQuotient(kernel, x.value(kernel), y.value(kernel)),
  };
}

/** Never fails: by -1 the least LONG is itself, and by 0 there is some number. */
function wrappedQuotient(kernel: KernelBuilder, dividend: Code, divisor: Code): Code {
  const y = kernel.local('y', 'i64');
  const isMinusOne = op('i64.eq', tee(y, divisor), i64(-1n));
  const nonZero = select(i64(1n), get(y), op('i64.eqz', get(y)));
  return choose(isMinusOne, op('i64.sub', i64(0n), dividend), op('i64.div_s', dividend, nonZero));
}

/** 1 where it is null, or where it is not; never null itself. */
function nullTest(x: Num, wanted: 'null' | 'known'): Num {
  const { valid } = x;
  if (valid === null) return constantNumber('LONG', wanted === 'known' ? 1 : 0);
  const test = (kernel: KernelBuilder) =>
    wanted === 'known' ? valid(kernel) : op('i32.eqz', valid(kernel));
  return { type: 'LONG', valid: null, value: (kernel) => op('i64.extend_i32_u', test(kernel)) };
}
