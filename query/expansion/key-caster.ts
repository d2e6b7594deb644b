import { isNumericType, type Value, type ValueType, valueCaster } from '../../model/index.js';

/**
 * Makes keys of one type those of another. What that cannot hold equals nothing (undefined): 1.5 is no LONG, `"a"` no number, and
 * 2^53 + 1 no DOUBLE. Zero has no sign.
 */
export function keyCaster(from: ValueType, to: ValueType): (value: Value) => Value | undefined {
  const cast = valueCaster(from, to);
  const back = valueCaster(to, from);
  const isExact = isNumericType(from) && isNumericType(to) && from !== to;
  return (value) => {
    const key = cast(value);
    if (key === null || (isExact && !Object.is(back(key), value) && back(key) !== value))
      return undefined;
    return key === 0 ? 0 : key;
  };
}
