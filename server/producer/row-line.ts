import { isJsonObject, stringifyJson, UserError } from '../../core/index.js';

/**
 * A row as a line of NDJSON, without its end: bigints as digits, a Date as ISO text, members that are undefined
 * left out. Throws UserError for what is no plain object, or cannot be written.
 */
export function rowLine(row: object): string {
  if (!isJsonObject(row) || row instanceof Date) {
    throw new UserError(`row: want an object with a member per column; got ${shown(row)}`);
  }
  try {
    return stringifyJson(row);
  } catch (error) {
    throw new UserError(`row: cannot be written as JSON (${(error as Error).message})`);
  }
}

const shown = (value: unknown): string => {
  if (Array.isArray(value)) return 'an array';
  return value instanceof Date ? 'a Date' : String(value);
};
