import { type Long, UserError } from '../../../core/index.js';
import { asDouble, asLong, asText, asTruth } from '../coerce.js';
import type { Operand } from '../operand.js';
import { fixedPlaces } from './rounding.js';

/**
 * Java's String.format for our types: `%s %d %x %o %f %e %c %b %n %%` with flags, width, precision and argument
 * numbers. A value of the wrong type for its conversion is an error, as it is there.
 */
const SPECIFIER = /%(?:(\d+)\$|(<))?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g;

const MAX_WIDTH = 10_000;

interface Specifier {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | null;
  readonly conversion: string;
}

/** Formats the current values of `args`. Throws UserError for a pattern that does not fit them. */
export function formatJava(pattern: string, args: readonly Operand[]): string {
  let next = 0;
  let last = 0;
  let end = 0;
  let out = '';
  for (const match of pattern.matchAll(SPECIFIER)) {
    const [whole, index, again, flags = '', width, precision, conversion = ''] = match;
    out += plainText(pattern.slice(end, match.index), pattern);
    end = match.index + whole.length;
    const specifier: Specifier = {
      flags,
      width: Number(width ?? 0),
      precision: precision === undefined ? null : Number(precision),
      conversion,
    };
    if (specifier.width > MAX_WIDTH || (specifier.precision ?? 0) > 100) {
      throw problem(pattern, `${whole} is too wide`);
    }
    if (conversion === 'n' || conversion === '%') {
      out += conversion === 'n' ? '\n' : padded('%', specifier);
      continue;
    }
    if (again === undefined) last = index === undefined ? next++ : Number(index) - 1;
    const arg = args[last];
    if (arg === undefined) throw problem(pattern, `there is no argument for ${whole}`);
    out += padded(convert(arg, specifier, pattern), specifier);
  }
  return out + plainText(pattern.slice(end), pattern);
}

function plainText(text: string, pattern: string): string {
  if (text.includes('%')) throw problem(pattern, 'it has a % that starts no conversion; write %%');
  return text;
}

const problem = (pattern: string, detail: string): UserError =>
  new UserError(
    `Function[format] cannot use the pattern ${JSON.stringify(pattern)}: ${detail}`,
    'query',
  );

function padded(text: string, { flags, width }: Specifier): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0')) return text.padStart(width);
  const sign = /^[-+ (]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}

function convert(arg: Operand, specifier: Specifier, pattern: string): string {
  const { conversion, precision } = specifier;
  const text = convertValue(arg, specifier, pattern);
  const cut = /[sSbB]/.test(conversion) && precision !== null ? text.slice(0, precision) : text;
  return /[A-Z]/.test(conversion) ? cut.toUpperCase() : cut;
}

function convertValue(arg: Operand, specifier: Specifier, pattern: string): string {
  const kind = specifier.conversion.toLowerCase();
  const isNull = arg.get() === null;
  if (kind === 'b') return String(asTruth(arg)() ?? false);
  if (isNull) return 'null';
  const mismatch = () => problem(pattern, `%${specifier.conversion} does not take a ${arg.type}`);
  switch (kind) {
    case 's':
      return asText(arg)()!;
    case 'd':
    case 'x':
    case 'o':
    case 'c':
      if (arg.type !== 'LONG') throw mismatch();
      return formatLong(asLong(arg)()!, kind, specifier.flags);
    case 'f':
    case 'e':
      if (arg.type !== 'DOUBLE') throw mismatch();
      return formatDecimal(asDouble(arg)()!, kind, specifier);
    default:
      throw problem(pattern, `%${specifier.conversion} is not supported`);
  }
}

function formatLong(value: Long, kind: 'd' | 'x' | 'o' | 'c', flags: string): string {
  if (kind === 'c') return String.fromCodePoint(Number(value));
  if (kind === 'd') return signed(String(value).replace('-', ''), value < 0, flags);
  return BigInt.asUintN(64, BigInt(value)).toString(kind === 'x' ? 16 : 8);
}

function formatDecimal(value: number, kind: 'f' | 'e', { flags, precision }: Specifier): string {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'NaN' : signed('Infinity', value < 0, flags.replace(',', ''));
  }
  const size = Math.abs(value);
  const digits = precision ?? 6;
  if (kind === 'f') return signed(fixedPlaces(size, digits), value < 0, flags);
  const text = size.toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2');
  return signed(text, value < 0, flags);
}

function signed(size: string, negative: boolean, flags: string): string {
  const text = flags.includes(',') ? size.replace(/\d+/, groupThousands) : size;
  if (negative) return flags.includes('(') ? `(${text})` : `-${text}`;
  return `${flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''}${text}`;
}

const groupThousands = (digits: string): string => digits.replace(/\B(?=(?:\d{3})+$)/g, ',');
