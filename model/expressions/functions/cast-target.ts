import type { ArrayType, ScalarType } from '../../types.js';
import { callError } from './definition.js';

const TYPES: ReadonlyMap<string, Exclude<ScalarType, 'FLOAT'> | ArrayType> = new Map([
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

/** The type of the name, in any case; undefined when there is none. */
export const namedType = (name: string) => TYPES.get(name.toUpperCase());

/** The type that the function of the name is asked for. */
export function castTarget(functionName: string, typeName: string) {
  const type = namedType(typeName);
  if (type !== undefined) return type;
  throw callError(
    functionName,
    `knows no type ${JSON.stringify(typeName)}; use one of ${[...TYPES.keys()].join(', ')}`,
  );
}
