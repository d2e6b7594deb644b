import type { Rex } from '../algebra/rex.js';
import { isNumber, type SqlType } from '../algebra/types.js';
import { callOf, macro, type ScalarFunction, scalar } from './definition.js';
import { REMAINDER } from './operators.js';

/** BIGINT stays BIGINT, everything else is DOUBLE. */
const likeFirst = (args: readonly Rex[]): SqlType =>
  args[0]?.type === 'BIGINT' ? 'BIGINT' : 'DOUBLE';

/** ceil and floor give doubles even for longs: cast back. */
const rounding =
  (name: string) =>
  (args: readonly string[], { type }: { type: SqlType }): string =>
    type === 'BIGINT' ? `cast(${name}(${args[0]}), 'LONG')` : `${name}(${args[0]})`;

const double = (name: string, takes: string, native: string, doc: string) =>
  scalar(name, takes, 'DOUBLE', native, doc);

export const FLOOR_NUMBER = scalar(
  'FLOOR',
  'number',
  likeFirst,
  rounding('floor'),
  'Largest whole number not above it.',
);
export const CEIL_NUMBER = scalar(
  'CEIL',
  'number',
  likeFirst,
  rounding('ceil'),
  'Smallest whole number not below it.',
);

/** TRUNCATE(x, d): toward zero at d decimals. */
function truncateText([x, digits]: readonly string[], { type }: { type: SqlType }): string {
  const cut =
    digits === undefined
      ? `cast(cast(${x}, 'LONG'), 'DOUBLE')`
      : `(cast(cast((${x} * pow(10.0, ${digits})), 'LONG'), 'DOUBLE') / pow(10.0, ${digits}))`;
  return type === 'BIGINT' ? `cast(${cut}, 'LONG')` : cut;
}

const TRUNCATE = scalar(
  'TRUNCATE',
  'number integer?',
  likeFirst,
  truncateText,
  'Cuts off decimals toward zero.',
);

const both = (args: readonly Rex[]): SqlType =>
  args.every(({ type }) => type === 'BIGINT') ? 'BIGINT' : 'DOUBLE';

export const NUMERIC: readonly ScalarFunction[] = [
  TRUNCATE,
  macro(
    'TRUNC',
    'number integer?',
    (args, _, at) => callOf(TRUNCATE, args, at),
    'The same as TRUNCATE.',
  ),
  scalar(
    'ROUND',
    'number integer?',
    likeFirst,
    'round',
    'Rounds half away from zero, to d decimals.',
  ),
  scalar('ABS', 'number', likeFirst, 'abs', 'Absolute value.'),
  macro(
    'MOD',
    'number number',
    (args, _, at) => callOf(REMAINDER, args, at),
    'Remainder with the sign of x.',
  ),
  scalar('DIV', 'number number', 'BIGINT', 'div', 'Whole quotient.'),
  double('SAFE_DIVIDE', 'number number', 'safe_divide', 'Quotient; NULL when y is 0.'),
  double('SIGN', 'number', 'signum', '-1, 0 or 1.'),
  double('PI', '', 'pi', 'The number pi.'),
  double('EXP', 'number', 'exp', 'e to the power x.'),
  double('LN', 'number', 'log', 'Natural logarithm.'),
  double('LOG10', 'number', 'log10', 'Logarithm to base 10.'),
  double('POWER', 'number number', 'pow', 'x to the power y.'),
  double('SQRT', 'number', 'sqrt', 'Square root.'),
  double('SIN', 'number', 'sin', 'Sine.'),
  double('COS', 'number', 'cos', 'Cosine.'),
  double('TAN', 'number', 'tan', 'Tangent.'),
  double('COT', 'number', 'cot', 'Cotangent.'),
  double('ASIN', 'number', 'asin', 'Arc sine.'),
  double('ACOS', 'number', 'acos', 'Arc cosine.'),
  double('ATAN', 'number', 'atan', 'Arc tangent.'),
  double('ATAN2', 'number number', 'atan2', 'Angle of the point (x, y), y first.'),
  double('DEGREES', 'number', 'todegrees', 'Radians to degrees.'),
  double('RADIANS', 'number', 'toradians', 'Degrees to radians.'),
  scalar('BITWISE_AND', 'number number', 'BIGINT', 'bitwiseAnd', 'Bits set in both.'),
  scalar('BITWISE_OR', 'number number', 'BIGINT', 'bitwiseOr', 'Bits set in either.'),
  scalar('BITWISE_XOR', 'number number', 'BIGINT', 'bitwiseXor', 'Bits set in one only.'),
  scalar('BITWISE_COMPLEMENT', 'number', 'BIGINT', 'bitwiseComplement', 'All bits flipped.'),
  scalar('BITWISE_SHIFT_LEFT', 'number number', 'BIGINT', 'bitwiseShiftLeft', 'Bits moved left.'),
  scalar(
    'BITWISE_SHIFT_RIGHT',
    'number number',
    'BIGINT',
    'bitwiseShiftRight',
    'Bits moved right, keeping the sign.',
  ),
  scalar(
    'BITWISE_CONVERT_DOUBLE_TO_LONG_BITS',
    'number',
    'BIGINT',
    'bitwiseConvertDoubleToLongBits',
    'The IEEE 754 bits of a DOUBLE.',
  ),
  double(
    'BITWISE_CONVERT_LONG_BITS_TO_DOUBLE',
    'number',
    'bitwiseConvertLongBitsToDouble',
    'The DOUBLE with these IEEE 754 bits.',
  ),
  scalar(
    'HUMAN_READABLE_BINARY_BYTE_FORMAT',
    'number integer?',
    'VARCHAR',
    'human_readable_binary_byte_format',
    'A size such as 1.00 MiB.',
  ),
  scalar(
    'HUMAN_READABLE_DECIMAL_BYTE_FORMAT',
    'number integer?',
    'VARCHAR',
    'human_readable_decimal_byte_format',
    'A size such as 1.05 MB.',
  ),
  scalar(
    'HUMAN_READABLE_DECIMAL_FORMAT',
    'number integer?',
    'VARCHAR',
    'human_readable_decimal_format',
    'A number such as 1.05 M.',
  ),
  scalar(
    'GREATEST',
    'any any*',
    extremeType,
    'greatest',
    'The largest argument; NULLs are passed over.',
  ),
  scalar(
    'LEAST',
    'any any*',
    extremeType,
    'least',
    'The smallest argument; NULLs are passed over.',
  ),
];

function extremeType(args: readonly Rex[]): SqlType {
  const types = args.map(({ type }) => type).filter((type) => type !== 'NULL');
  const [first] = types;
  if (first === undefined) return 'NULL';
  if (types.every((type) => type === first)) return first;
  return types.every(isNumber) ? both(args) : 'VARCHAR';
}
