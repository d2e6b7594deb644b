import {
  type ColumnVector,
  isArrayType,
  JSON_TYPE,
  type Value,
  type VectorDictionary,
} from '../../model/index.js';
import type { DimensionSchema } from '../../segments/index.js';
import { nullBitmapBytes, setNull } from '../../segments/index.js';
import { ABSENT, DOUBLE, LONG, NULL, OTHER, TEXT, WIDE } from '../input/ndjson/tags.js';
import type { TokenColumn } from '../input/ndjson/token-column.js';
import type { CellColumn } from './cell-column.js';

/** What stands for booleans in a column of texts; ids are FALSE_ID and TRUE_ID. */
const BOOLEAN_TEXTS: readonly (string | null)[] = [null, 'false', 'true'];
const BOOLEANS: VectorDictionary = { size: 3, value: (id) => BOOLEAN_TEXTS[id]! };

/**
 * The tokens as a column of the type, all values at once, where every one of them becomes a cell in the same way;
 * null where each must be looked at. The cells are those that `dimensionCells` makes of the values.
 */
export function tokenCells(type: DimensionSchema['type'], tokens: TokenColumn): CellColumn | null {
  if ((tokens.mask & ~(NULL | ABSENT)) === 0) return null;
  if (type === 'STRING') return textCells(tokens);
  if (isArrayType(type) || type === JSON_TYPE) return null;
  if (type === 'LONG') return tokens.hasOnly(LONG) ? integerCells(tokens) : longCells(tokens);
  return doubleCells(type, tokens);
}

function textCells(tokens: TokenColumn): CellColumn | null {
  const { ids } = tokens;
  const areBooleans = tokens.hasOnly(OTHER) && tokens.hasOnlyBooleans;
  if (!areBooleans && !tokens.hasOnly(TEXT)) return null;
  const dictionary: VectorDictionary = areBooleans ? BOOLEANS : tokens.dictionary;
  const vector: ColumnVector = { kind: 'ids', ids, dictionary };
  const cell = (row: number): Value => dictionary.value(ids[row]!);
  return { type: 'STRING', multiValue: false, cell, vector };
}

/** Safe integers, and -0, which is a 0 of its own until it is stored. */
function integerCells(tokens: TokenColumn): CellColumn {
  const { doubles: values } = tokens;
  const nulls = nullsOf(tokens);
  const cell = (row: number): Value => (isNullIn(tokens, row) ? null : values[row]!);
  const vector: ColumnVector = { kind: 'integers', values, nulls };
  return { type: 'LONG', multiValue: false, cell, vector };
}

/** Integers of 64 bits. */
function longCells(tokens: TokenColumn): CellColumn | null {
  if (!tokens.hasOnly(LONG | WIDE)) return null;
  const words = tokens.longWords();
  const nulls = nullsOf(tokens);
  const cell = (row: number): Value => {
    const value = tokens.value(row) ?? null;
    return typeof value === 'number' ? value + 0 : (value as bigint | null);
  };
  return { type: 'LONG', multiValue: false, cell, vector: { kind: 'longs', words, nulls } };
}

function doubleCells(type: 'DOUBLE' | 'FLOAT', tokens: TokenColumn): CellColumn | null {
  if (!tokens.hasOnly(LONG | DOUBLE)) return null;
  const values = type === 'FLOAT' ? tokens.doubles.map(Math.fround) : tokens.doubles;
  const nulls = nullsOf(tokens);
  const cell = (row: number): Value => (isNullIn(tokens, row) ? null : values[row]!);
  return { type, multiValue: false, cell, vector: { kind: 'doubles', values, nulls } };
}

const isNullIn = ({ tags }: TokenColumn, row: number): boolean =>
  (tags[row]! & (NULL | ABSENT)) !== 0;

function nullsOf(tokens: TokenColumn): Uint8Array | null {
  if (!tokens.hasNulls) return null;
  const { tags } = tokens;
  const nulls = new Uint8Array(nullBitmapBytes(tags.length));
  for (let row = 0; row < tags.length; row++) {
    if ((tags[row]! & (NULL | ABSENT)) !== 0) setNull(nulls, row);
  }
  return nulls;
}
