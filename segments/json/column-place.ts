import { JSON_TYPE, type JsonPath, pathColumn, splitPathColumn } from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';

/**
 * Where a segment has what a name asks for:
 *
 *     column    a column, as it is
 *     within    at a path of each value of a column
 *     nothing   at a path of a JSON column, which leads nowhere in any row
 *
 * A JSON column is followed by columns for the paths to its scalars and lists of scalars. A list has one column, not
 * one for each element; lists that hold lists or objects have none, but their elements have.
 */
export type ColumnPlace =
  | { readonly kind: 'column'; readonly entry: ColumnEntry }
  | { readonly kind: 'within'; readonly entry: ColumnEntry; readonly path: JsonPath }
  | { readonly kind: 'nothing'; readonly entry: ColumnEntry };

/** Null when there is neither such a column nor one that the path could lead into. */
export function columnPlace(
  entries: ReadonlyMap<string, ColumnEntry>,
  name: string,
): ColumnPlace | null {
  const asked = splitPathColumn(name);
  const entry = entries.get(asked?.column ?? name);
  if (entry === undefined) return null;
  if (asked === null) return { kind: 'column', entry };
  const { path } = asked;
  if (entry.type === JSON_TYPE) return pathPlace(entries, entry, path);
  return path.length === 0 ? { kind: 'column', entry } : { kind: 'within', entry, path };
}

function pathPlace(
  entries: ReadonlyMap<string, ColumnEntry>,
  entry: ColumnEntry,
  path: JsonPath,
): ColumnPlace {
  const isComplete = entry.parameters.paths === 'all';
  const inText = { kind: 'within', entry, path } as const;
  const own = entries.get(pathColumn(entry.name, path));
  const last = path.at(-1);
  if (typeof last !== 'number') {
    if (hasNegative(path)) return inText;
    if (own !== undefined) return { kind: 'column', entry: own };
    return isComplete ? { kind: 'nothing', entry } : inText;
  }
  // In some rows the list may be one of scalars, which has a column of its own.
  const listPath = path.slice(0, -1);
  const list = entries.get(pathColumn(entry.name, listPath));
  if (!isComplete || hasNegative(listPath)) return inText;
  if (last < 0) {
    const others = hasElements(entries, pathColumn(entry.name, listPath));
    if (others) return inText;
  } else if (own !== undefined) {
    return list === undefined ? { kind: 'column', entry: own } : inText;
  }
  return list === undefined
    ? { kind: 'nothing', entry }
    : { kind: 'within', entry: list, path: [last] };
}

const hasNegative = (path: JsonPath): boolean =>
  path.some((part) => typeof part === 'number' && part < 0);

/** Whether elements of some list at the path have columns. */
function hasElements(entries: ReadonlyMap<string, ColumnEntry>, listName: string): boolean {
  for (const name of entries.keys()) if (isElement(name, listName)) return true;
  return false;
}

/** A position behind the path, not a key in quotes. */
const isElement = (name: string, listName: string): boolean =>
  name.startsWith(`${listName}[`) && name[listName.length + 1] !== "'";
