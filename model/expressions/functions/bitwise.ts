import { type Long, toLong } from '../../../core/index.js';
import type { Value } from '../../types.js';
import { asDouble, asLong } from '../coerce.js';
import { define, type FunctionDefinition, isNotNumber, unlessNull } from './definition.js';
import { bitsToDouble, doubleToBits } from './double-bits.js';

/** Bits of 64-bit integers; doubles are truncated first, arguments that are not numbers give null. */

const ofBits = (
  usage: string,
  doc: string,
  evaluate: (a: bigint, b: bigint) => bigint,
): FunctionDefinition =>
  define({
    usage,
    doc,
    resultType: (args) => (args.some(isNotNumber) ? null : 'LONG'),
    compile: (args) => {
      if (args.some(isNotNumber)) return () => null;
      return unlessNull(args.map(asLong), (a, b) =>
        toLong(evaluate(BigInt(a as Long), BigInt((b ?? 0) as Long))),
      );
    },
  });

const converting = (
  usage: string,
  doc: string,
  result: 'LONG' | 'DOUBLE',
  evaluate: (value: Long) => Value,
): FunctionDefinition =>
  define({
    usage,
    doc,
    resultType: ([arg]) => (isNotNumber(arg!) ? null : result),
    compile: ([arg]) => {
      if (isNotNumber(arg!)) return () => null;
      const read = result === 'LONG' ? asDouble(arg!) : asLong(arg!);
      return unlessNull([read], (value) => evaluate(value as Long));
    },
  });

/** Java takes the lowest six bits of a shift. */
const distance = (by: bigint): bigint => by & 63n;

export const BITWISE_FUNCTIONS: readonly FunctionDefinition[] = [
  ofBits('bitwiseAnd(x, y)', 'the bits set in both', (x, y) => x & y),
  ofBits('bitwiseOr(x, y)', 'the bits set in either', (x, y) => x | y),
  ofBits('bitwiseXor(x, y)', 'the bits set in one of the two', (x, y) => x ^ y),
  ofBits('bitwiseComplement(x)', 'the bits that are not set', (x) => ~x),
  ofBits('bitwiseShiftLeft(x, n)', 'the bits moved up', (x, n) => x << distance(n)),
  ofBits(
    'bitwiseShiftRight(x, n)',
    'the bits moved down, the sign kept',
    (x, n) => x >> distance(n),
  ),
  converting('bitwiseConvertDoubleToLongBits(x)', 'the bits of the double', 'LONG', (x) =>
    doubleToBits(Number(x)),
  ),
  converting('bitwiseConvertLongBitsToDouble(x)', 'the double of the bits', 'DOUBLE', bitsToDouble),
];
