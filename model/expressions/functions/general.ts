import { lookupNamed } from '../../lookups/pins.js';
import { isArrayType } from '../../types.js';
import { asText, coerced } from '../coerce.js';
import type { Operand } from '../operand.js';
import { castTarget, namedType } from './cast-target.js';
import { define, type FunctionDefinition, literalText, neededText } from './definition.js';

/** Casts and lookups. */

const targetType = (args: readonly Operand[]) =>
  castTarget('cast', neededText('cast', args, 1, 'the type'));

export const GENERAL_FUNCTIONS: readonly FunctionDefinition[] = [
  define({
    usage: 'cast(x, type)',
    doc: "x as a value of another type, such as 'LONG' or 'ARRAY<STRING>'; null where it has none",
    takesArray: (index, literals) => {
      const type = namedType(String(literals[1]));
      return index === 0 && type !== undefined && isArrayType(type);
    },
    resultType: targetType,
    compile: (args) => coerced(args[0]!, targetType(args)).get,
  }),
  define({
    usage: 'lookup(text, name, [missing])',
    doc: 'what a registered lookup has for the text',
    resultType: () => 'STRING',
    compile: (args) => {
      const lookup = lookupNamed(neededText('lookup', args, 1, 'the name'));
      const missing = literalText('lookup', args, 2, 'what to give for others');
      const read = asText(args[0]!);
      return () => {
        const text = read();
        return (text === null ? undefined : lookup.get(text)) ?? missing;
      };
    },
  }),
];
