import { stringifyJson } from '../../core/index.js';

/** A longer one is not told from others at its path. */
const MAX_VALUE_CHARS = 256;

type Path = readonly (string | null)[];

/** A path as a text: the JSON of its members, null for any element. */
export const pathKey = (path: Path): string => stringifyJson(path);

/** A path and what is there as a text; null where the value is too long. */
export function valueKey(path: Path, value: string | number | bigint | boolean): string | null {
  if (typeof value === 'string' && value.length > MAX_VALUE_CHARS) return null;
  return stringifyJson([path, value]);
}
