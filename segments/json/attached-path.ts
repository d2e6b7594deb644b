import {
  type ColumnReader,
  type DictionaryReader,
  JSON_TYPE,
  type JsonPath,
  pathReader,
  type Value,
} from '../../model/index.js';
import type { AttachedColumn, Position } from '../encodings/encoding.js';

/**
 * What lies at a path of each value of a column, which is computed once for each entry of its dictionary. `known` has what
 * was computed before, by id.
 */
export function attachPath(
  column: AttachedColumn,
  path: JsonPath,
  known: (Value | undefined)[],
): AttachedColumn {
  const { scan } = column;
  const isCoded = scan?.layout === 'ids';
  return {
    scan: isCoded ? { ...withoutTexts(scan), type: JSON_TYPE } : null,
    reader: (position) => remembering(column.reader(position), path, known),
  };
}

const withoutTexts = ({ jsonTexts: _, ...scan }: NonNullable<AttachedColumn['scan']>) => ({
  ...scan,
  texts: null,
});

function remembering(
  column: ColumnReader,
  path: JsonPath,
  known: (Value | undefined)[],
): ColumnReader {
  const reader = pathReader(column, path);
  const { dictionary } = reader;
  if (dictionary === undefined) return reader;
  const remembered: DictionaryReader = {
    get size() {
      return dictionary.size;
    },
    id: () => dictionary.id(),
    value(id) {
      const found = known[id];
      if (found !== undefined) return found;
      const value = dictionary.value(id);
      known[id] = value;
      return value;
    },
  };
  return { ...reader, get: () => remembered.value(remembered.id()), dictionary: remembered };
}

/** JSON that is null in every row. */
export const NOTHING: AttachedColumn = {
  scan: null,
  reader: (_position: Position) => ({
    type: JSON_TYPE,
    multiValue: false,
    exists: true,
    get: () => null,
  }),
};
