import { doubleToLong, type Long, longCompare, longSubtract } from '../../../core/index.js';
import type { Value } from '../../types.js';
import { asDouble, asInt, asLong } from '../coerce.js';
import { longDivide } from '../long-arithmetic.js';
import type { Operand } from '../operand.js';
import {
  callError,
  define,
  type FunctionDefinition,
  isNotNumber,
  strict,
  unlessNull,
} from './definition.js';
import {
  copySign,
  exponentOf,
  ieeeRemainder,
  nextAfter,
  scaleByPowerOfTwo,
  unitInLastPlace,
} from './double-bits.js';
import { roundDouble, roundHalfEven, roundLong } from './rounding.js';

/** Arithmetic after java.lang.Math. Arguments that are not numbers give null. */

const allLong = (args: readonly Operand[]): boolean => args.every(({ type }) => type === 'LONG');

interface NumberFunction {
  readonly usage: string;
  readonly doc: string;
  /** For LONG arguments only; without it they are taken as doubles. */
  readonly long?: (a: Long, b: Long) => Value;
  readonly double: (a: number, b: number) => Value;
  /** Type of what `double` gives; DOUBLE unless said. */
  readonly result?: 'LONG' | 'DOUBLE';
}

function ofNumbers({
  usage,
  doc,
  long,
  double,
  result = 'DOUBLE',
}: NumberFunction): FunctionDefinition {
  return define({
    usage,
    doc,
    resultType: (args) => {
      if (args.some(isNotNumber)) return null;
      return long !== undefined && allLong(args) ? 'LONG' : result;
    },
    compile: (args) => {
      if (args.some(isNotNumber)) return () => null;
      return long !== undefined && allLong(args)
        ? unlessNull(args.map(asLong), long as (...values: readonly unknown[]) => Value)
        : unlessNull(args.map(asDouble), double as (...values: readonly unknown[]) => Value);
    },
  });
}

const ofDouble = (name: string, doc: string, double: (x: number) => number): FunctionDefinition =>
  ofNumbers({ usage: `${name}(x)`, doc, double });

const absolute = (x: Long): Long => (x < 0 ? longSubtract(0, x) : x);

/** `round`, which is particular about the types it takes. */
const ROUND = define({
  usage: 'round(x, [places])',
  doc: 'x at so many decimal places (0 by default), halves away from zero; a LONG stays one',
  resultType: ([x]) => (x!.type === 'LONG' || x!.type === null ? x!.type : 'DOUBLE'),
  compile: ([x, places]) => {
    if (isNotNumber(x!)) {
      throw callError('round', `needs a LONG or DOUBLE as first argument, got ${x!.type}`);
    }
    if (places !== undefined && places.type !== 'LONG' && places.type !== null) {
      throw callError('round', `needs a LONG as second argument, got ${places.type}`);
    }
    const count = places === undefined ? () => 0 : asInt(places);
    return x!.type === 'LONG'
      ? unlessNull([asLong(x!), count], (value, n) => roundLong(value as Long, n as number))
      : unlessNull([asDouble(x!), count], (value, n) => roundDouble(value as number, n as number));
  },
});

export const MATH_FUNCTIONS: readonly FunctionDefinition[] = [
  ofNumbers({ usage: 'abs(x)', doc: 'without its sign', long: absolute, double: Math.abs }),
  ofDouble('ceil', 'the next whole number up', Math.ceil),
  ofDouble('floor', 'the next whole number down', Math.floor),
  ROUND,
  ofDouble('rint', 'the nearest whole number, halves to the even one', roundHalfEven),
  ofDouble('signum', '-1, 0 or 1', Math.sign),
  ofDouble('sqrt', 'the square root', Math.sqrt),
  ofDouble('cbrt', 'the cube root', Math.cbrt),
  ofDouble('exp', 'e to the power of x', Math.exp),
  ofDouble('expm1', 'exp(x) - 1, exact near 0', Math.expm1),
  ofDouble('log', 'the natural logarithm', Math.log),
  ofDouble('log10', 'the logarithm to base 10', Math.log10),
  ofDouble('log1p', 'log(x + 1), exact near 0', Math.log1p),
  ofDouble('sin', 'the sine', Math.sin),
  ofDouble('cos', 'the cosine', Math.cos),
  ofDouble('tan', 'the tangent', Math.tan),
  ofDouble('cot', 'the cotangent', (x) => Math.cos(x) / Math.sin(x)),
  ofDouble('asin', 'the arc sine', Math.asin),
  ofDouble('acos', 'the arc cosine', Math.acos),
  ofDouble('atan', 'the arc tangent', Math.atan),
  ofDouble('sinh', 'the hyperbolic sine', Math.sinh),
  ofDouble('cosh', 'the hyperbolic cosine', Math.cosh),
  ofDouble('tanh', 'the hyperbolic tangent', Math.tanh),
  ofDouble('todegrees', 'radians as degrees', (x) => (x * 180) / Math.PI),
  ofDouble('toradians', 'degrees as radians', (x) => (x / 180) * Math.PI),
  strict({ usage: 'pi()', doc: 'π', parameters: [], result: 'DOUBLE', evaluate: () => Math.PI }),
  ofNumbers({ usage: 'pow(x, y)', doc: 'x to the power of y', double: (x, y) => x ** y }),
  ofNumbers({ usage: 'hypot(x, y)', doc: 'sqrt(x² + y²)', double: Math.hypot }),
  ofNumbers({ usage: 'atan2(y, x)', doc: 'the angle of the point (x, y)', double: Math.atan2 }),
  ofNumbers({
    usage: 'max(x, y)',
    doc: 'the larger number',
    long: (x, y) => (longCompare(x, y) < 0 ? y : x),
    double: (x, y) => Math.max(x, y),
  }),
  ofNumbers({
    usage: 'min(x, y)',
    doc: 'the smaller number',
    long: (x, y) => (longCompare(y, x) < 0 ? y : x),
    double: (x, y) => Math.min(x, y),
  }),
  ofNumbers({
    usage: 'div(x, y)',
    doc: 'the whole part of x / y',
    long: longDivide,
    double: (x, y) => doubleToLong(x / y),
    result: 'LONG',
  }),
  ofNumbers({
    usage: 'safe_divide(x, y)',
    doc: 'x / y, or null where y is 0',
    long: (x, y) => (y === 0 ? null : longDivide(x, y)),
    double: (x, y) => (y === 0 ? null : x / y),
  }),
  ofNumbers({
    usage: 'remainder(x, y)',
    doc: 'the remainder to the nearest multiple of y (IEEE 754)',
    double: ieeeRemainder,
  }),
  ofNumbers({ usage: 'copysign(x, y)', doc: 'x with the sign of y', double: copySign }),
  ofNumbers({ usage: 'nextafter(x, y)', doc: 'the next double toward y', double: nextAfter }),
  ofDouble('nextup', 'the next larger double', (x) => nextAfter(x, Number.POSITIVE_INFINITY)),
  ofNumbers({
    usage: 'scalb(x, n)',
    doc: 'x times 2 to the power of n',
    double: (x, n) => scaleByPowerOfTwo(x, Math.trunc(n)),
  }),
  ofNumbers({
    usage: 'getexponent(x)',
    doc: 'the exponent of 2 in the double',
    double: exponentOf,
    result: 'LONG',
  }),
  ofDouble('ulp', 'the distance to the next double', unitInLastPlace),
];
