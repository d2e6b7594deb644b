import { UnsupportedError } from '../../../core/index.js';
import { isArrayType, type ValueType } from '../../types.js';
import { coerced } from '../coerce.js';
import type { Operand } from '../operand.js';
import { callError, define, type FunctionDefinition, neededText } from './definition.js';

/** Casts, and lookups, which are yet to come. */

const TYPES: ReadonlyMap<string, Exclude<ValueType, 'FLOAT' | `COMPLEX<${string}>`>> = new Map([
  ['STRING', 'STRING'],
  ['LONG', 'LONG'],
  ['DOUBLE', 'DOUBLE'],
  ['ARRAY<STRING>', 'ARRAY<STRING>'],
  ['ARRAY<LONG>', 'ARRAY<LONG>'],
  ['ARRAY<DOUBLE>', 'ARRAY<DOUBLE>'],
  ['STRING_ARRAY', 'ARRAY<STRING>'],
  ['LONG_ARRAY', 'ARRAY<LONG>'],
  ['DOUBLE_ARRAY', 'ARRAY<DOUBLE>'],
]);

function targetType(args: readonly Operand[]) {
  const name = neededText('cast', args, 1, 'the type');
  const type = TYPES.get(name.toUpperCase());
  if (type !== undefined) return type;
  throw callError(
    'cast',
    `knows no type ${JSON.stringify(name)}; use one of ${[...TYPES.keys()].join(', ')}`,
  );
}

export const GENERAL_FUNCTIONS: readonly FunctionDefinition[] = [
  define({
    usage: 'cast(x, type)',
    doc: "x as a value of another type, such as 'LONG' or 'ARRAY<STRING>'; null where it has none",
    takesArray: (index, literals) => {
      const type = TYPES.get(String(literals[1]).toUpperCase());
      return index === 0 && type !== undefined && isArrayType(type);
    },
    resultType: targetType,
    compile: (args) => coerced(args[0]!, targetType(args)).get,
  }),
  define({
    usage: 'lookup(text, name, [missing])',
    doc: 'what a registered lookup has for the text',
    resultType: () => 'STRING',
    compile: () => {
      throw new UnsupportedError(
        "Function[lookup] is not supported yet, as there are no lookups; use case_simple(x, 'key', 'value', …) or a join",
      );
    },
  }),
];
