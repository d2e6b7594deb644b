import { isJsonObject, type JsonObject } from '../../core/index.js';
import { renamedLookups } from '../expressions/expression.js';
import { pinnedName } from './pins.js';

/** Fields that hold expressions, in whatever part of a query. */
const EXPRESSIONS: ReadonlySet<string> = new Set([
  'expression',
  'fold',
  'combine',
  'compare',
  'finalize',
  'initialValue',
  'initialCombineValue',
  'condition',
]);

/** Fields whose content is data, whatever it looks like. */
const DATA: ReadonlySet<string> = new Set(['context', 'rows', 'values', 'value', 'matchValue']);

const CALL = /\blookup\s*\(/i;

/**
 * The JSON of a query with every name of a lookup pinned (see `pins.ts`); parts that name none are the same objects. The
 * query must have been read without an error, and `withLookups` must say what names mean.
 */
export function pinLookups<T>(json: T): T {
  if (Array.isArray(json)) return pinList(json) as T;
  return isJsonObject(json) ? (pinObject(json) as T) : json;
}

function pinList(list: readonly unknown[]): readonly unknown[] {
  const pinned = list.map(pinLookups);
  return pinned.some((each, i) => each !== list[i]) ? pinned : list;
}

function pinObject(json: JsonObject): JsonObject {
  const name = nameIn(json);
  const changed = Object.entries(json).flatMap(([key, value]) => {
    const pinned = pinField(key, value);
    return pinned === value ? [] : [[key, pinned] as const];
  });
  if (name !== null && pinnedName(name) !== name) changed.push(['lookup', pinnedName(name)]);
  return changed.length === 0 ? json : { ...json, ...Object.fromEntries(changed) };
}

/** The lookup that an object names, if it does; a dimension may say `name` instead of `lookup`. */
function nameIn({ type, lookup, name }: JsonObject): string | null {
  if (type !== 'lookup' && type !== 'registeredLookup') return null;
  const named = lookup ?? name;
  return typeof named === 'string' ? named : null;
}

function pinField(key: string, value: unknown): unknown {
  if (DATA.has(key)) return value;
  if (typeof value !== 'string') return pinLookups(value);
  return EXPRESSIONS.has(key) && CALL.test(value) ? renamedLookups(value, pinnedName) : value;
}
