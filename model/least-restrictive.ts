import { type AutoType, autoColumnType, joinAutoTypes } from './auto-type.js';
import { commonType } from './expressions/coerce.js';
import { isComplexType, JSON_TYPE, type ValueType } from './types.js';

/**
 * The type that a column of all these types is read as: numbers meet in DOUBLE, numbers and texts in STRING, an array and
 * a scalar in an array, anything and JSON in JSON. States of aggregators fit nothing else: of these the first type counts.
 * Other than that the order does not matter.
 */
export function leastRestrictive(types: readonly [ValueType, ...ValueType[]]): ValueType {
  const state = types.find((type) => isComplexType(type) && type !== JSON_TYPE);
  if (state !== undefined) return types[0];
  if (types.includes(JSON_TYPE)) return JSON_TYPE;
  return commonType(types) ?? types[0];
}

/** What a segment tells of the type of a column. */
export interface TypedColumn {
  readonly type: ValueType;
  /** Where the type was found in the values. */
  readonly auto?: AutoType | undefined;
}

/**
 * The type of a column that is these in the segments of a table: where all found it in their values, what they would have
 * found together. Segments that found no value have no say.
 */
export function mergedType(columns: readonly TypedColumn[]): TypedColumn {
  const some = columns.filter(({ auto }) => auto !== 'NOTHING');
  const autos = some.flatMap(({ auto }) => auto ?? []);
  if (autos.length === some.length) {
    const auto = autos.reduce(joinAutoTypes, 'NOTHING');
    return { type: autoColumnType(auto), auto };
  }
  const [first, ...rest] = some.map(({ type }) => type);
  return { type: leastRestrictive([first!, ...rest]) };
}
