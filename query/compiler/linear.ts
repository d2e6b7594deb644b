import type { Num } from './numbers.js';

/**
 * A LONG as `scale × base + offset`, modulo 2^64 as all arithmetic on LONG is; null where its base is.
 * A constant has no base.
 */
export interface Linear {
  readonly base: Num | null;
  readonly scale: bigint;
  readonly offset: bigint;
}

/** Every number is once itself. */
export const linearOf = (num: Num): Linear => num.linear ?? { base: num, scale: 1n, offset: 0n };

export const constantLinear = (offset: bigint): Linear => ({ base: null, scale: 0n, offset });

/** The result of an operation on two LONGs; null where it is not linear in one number. */
export function linearResult(operator: string, left: Num, right: Num): Linear | null {
  const [a, b] = [linearOf(left), linearOf(right)];
  switch (operator) {
    case '+':
      return sum(a, b);
    case '-':
      return sum(a, scaled(b, -1n));
    case '*':
      if (a.base === null) return scaled(b, a.offset);
      return b.base === null ? scaled(a, b.offset) : null;
    default:
      return null;
  }
}

export const scaled = ({ base, scale, offset }: Linear, factor: bigint): Linear => ({
  base,
  scale: BigInt.asIntN(64, scale * factor),
  offset: BigInt.asIntN(64, offset * factor),
});

function sum(a: Linear, b: Linear): Linear | null {
  if (a.base !== null && b.base !== null && a.base !== b.base) return null;
  return {
    base: a.base ?? b.base,
    scale: BigInt.asIntN(64, a.scale + b.scale),
    offset: BigInt.asIntN(64, a.offset + b.offset),
  };
}
