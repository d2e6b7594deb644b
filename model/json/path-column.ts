import { mappedReader } from '../dimensions/mapped-reader.js';
import { valueCaster } from '../expressions/cast.js';
import type { ColumnReader, RowSource } from '../rows.js';
import { JSON_TYPE, type Value } from '../types.js';
import { Json } from './json.js';
import { type JsonPath, jsonPathText, parseJsonPath } from './json-path.js';
import { jsonAt } from './json-walk.js';

/** No column that rows bring has a name with it (see `isColumnName`). */
const SEPARATOR = '\0';

/** Whether rows may bring a column of this name. */
export const isColumnName = (name: string): boolean => !name.includes(SEPARATOR);

/**
 * The name of what a column holds at a path: a column of its own where JSON is stored, so that it can be read without
 * the rest. Sources that know nothing of it have `openColumn`.
 */
export const pathColumn = (column: string, path: JsonPath): string =>
  SEPARATOR + column + SEPARATOR + jsonPathText(path);

/** The parts of such a name; null for other names. */
export function splitPathColumn(
  name: string,
): { readonly column: string; readonly path: JsonPath } | null {
  if (!name.startsWith(SEPARATOR)) return null;
  const end = name.indexOf(SEPARATOR, 1);
  if (end < 0) return null;
  return { column: name.slice(1, end), path: parseJsonPath(name.slice(end + 1), 'path') };
}

/** The column of rows that a name is of: itself, or what it is a path into. */
export const rowColumn = (name: string): string => splitPathColumn(name)?.column ?? name;

/** The column of the name; a path that the source has no column for is followed in each value. */
export function openColumn(source: RowSource, name: string): ColumnReader {
  const own = source.column(name);
  const place = own.exists ? null : splitPathColumn(name);
  return place === null ? own : pathReader(source.column(place.column), place.path);
}

/** What lies at the path of each value, as JSON. */
export function pathReader(reader: ColumnReader, path: JsonPath): ColumnReader {
  if (!reader.exists) return reader;
  const toJson = valueCaster(reader.type, JSON_TYPE);
  const follow = (cell: Value): Value => {
    const json = toJson(cell) as Json | null;
    return json === null ? null : Json.of(jsonAt(json.value, path));
  };
  return { ...mappedReader(reader, JSON_TYPE, follow), multiValue: false };
}
