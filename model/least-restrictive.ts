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
