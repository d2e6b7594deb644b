import type { Long } from '../../../core/index.js';
import { callError, type FunctionDefinition, nameOf, strict } from './definition.js';
import { fixedPlaces } from './rounding.js';

/** Numbers for people: `1.00 MiB`, `1.05 MB`, `1.05 M`. */

interface Units {
  readonly base: number;
  readonly prefixes: readonly string[];
  /** Behind the prefix; behind the bare number too unless empty. */
  readonly unit: string;
}

const BINARY: Units = { base: 1024, prefixes: ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'], unit: 'B' };
const DECIMAL_BYTES: Units = { base: 1000, prefixes: ['K', 'M', 'G', 'T', 'P', 'E'], unit: 'B' };
const DECIMAL: Units = { ...DECIMAL_BYTES, unit: '' };

function readable(value: Long, precision: number, { base, prefixes, unit }: Units): string {
  let size = Math.abs(Number(value));
  if (size < base) return unit === '' ? String(value) : `${value} ${unit}`;
  let prefix = -1;
  // The second test moves 999.999 on, which would be printed as 1000.00.
  while (
    prefix < prefixes.length - 1 &&
    (size >= base || Number(fixedPlaces(size, precision)) >= base)
  ) {
    size /= base;
    prefix++;
  }
  return `${value < 0 ? '-' : ''}${fixedPlaces(size, precision)} ${prefixes[prefix]}${unit}`;
}

const define = (usage: string, doc: string, units: Units): FunctionDefinition =>
  strict({
    usage,
    doc,
    parameters: ['long', 'int?'],
    result: 'STRING',
    evaluate: (value, precision = 2) => {
      if (precision >= 0 && precision <= 3) return readable(value, precision, units);
      throw callError(nameOf(usage), `needs a precision of 0 to 3, got ${precision}`);
    },
  });

export const READABLE_FUNCTIONS: readonly FunctionDefinition[] = [
  define('human_readable_binary_byte_format(bytes, [precision])', '1048576 as 1.00 MiB', BINARY),
  define(
    'human_readable_decimal_byte_format(bytes, [precision])',
    '1048576 as 1.05 MB',
    DECIMAL_BYTES,
  ),
  define('human_readable_decimal_format(number, [precision])', '1048576 as 1.05 M', DECIMAL),
];
