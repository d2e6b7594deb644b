import { type Long, toLong } from '../../../core/index.js';

/** The bits of IEEE 754 doubles, and the functions of java.lang.Math that are about them. */

const view = new DataView(new ArrayBuffer(8));

export function doubleToBits(value: number): Long {
  view.setFloat64(0, value);
  return toLong(view.getBigInt64(0));
}

export function bitsToDouble(bits: Long): number {
  view.setBigInt64(0, BigInt(bits));
  return view.getFloat64(0);
}

/** The next double toward `target`. */
export function nextAfter(value: number, target: number): number {
  if (Number.isNaN(value) || Number.isNaN(target)) return Number.NaN;
  if (value === target) return target;
  if (value === 0) return target > 0 ? Number.MIN_VALUE : -Number.MIN_VALUE;
  const outward = value < target === value > 0;
  return bitsToDouble(toLong(BigInt(doubleToBits(value)) + (outward ? 1n : -1n)));
}

/** The exponent of 2: -1023 for zero and subnormals, 1024 for NaN and infinities. */
export function exponentOf(value: number): number {
  view.setFloat64(0, value);
  return ((view.getUint16(0) >> 4) & 0x7ff) - 1023;
}

/** The distance to the next larger double in size. */
export function unitInLastPlace(value: number): number {
  if (!Number.isFinite(value)) return Math.abs(value);
  const size = Math.abs(value);
  if (size === Number.MAX_VALUE) return 2 ** 971;
  return nextAfter(size, Number.POSITIVE_INFINITY) - size;
}

export function copySign(magnitude: number, sign: number): number {
  const negative = sign < 0 || Object.is(sign, -0);
  return negative ? -Math.abs(magnitude) : Math.abs(magnitude);
}

/** The remainder of IEEE 754: to the nearest multiple, halves to the even one. */
export function ieeeRemainder(value: number, divisor: number): number {
  if (!Number.isFinite(value) || Number.isNaN(divisor) || divisor === 0) return Number.NaN;
  if (!Number.isFinite(divisor)) return value;
  const size = Math.abs(divisor);
  // Exact: % does not round, and halving the divisor is done by doubling the rest.
  let rest = size <= Number.MAX_VALUE / 2 ? Math.abs(value) % (2 * size) : Math.abs(value);
  if (size < 2 ** -1021) {
    if (rest + rest > size) {
      rest -= size;
      if (rest + rest >= size) rest -= size;
    }
  } else {
    const half = size / 2;
    if (rest > half) {
      rest -= size;
      if (rest >= half) rest -= size;
    }
  }
  return value < 0 || Object.is(value, -0) ? -rest : rest;
}

/** `value * 2^exponent`, in steps that are exact but for the last. */
export function scaleByPowerOfTwo(value: number, exponent: number): number {
  let rest = Math.max(-2200, Math.min(2200, exponent));
  let scaled = value;
  for (; rest > 1000; rest -= 1000) scaled *= 2 ** 1000;
  for (; rest < -1000 && Math.abs(scaled) >= 2 ** -20; rest += 1000) scaled *= 2 ** -1000;
  return rest < -1074 ? scaled * 0 : scaled * 2 ** rest;
}
