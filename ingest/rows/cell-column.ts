import { CorruptSketchError, isJsonObject } from '../../core/index.js';
import {
  type AutoType,
  type ColumnReader,
  type ColumnVector,
  complexName,
  complexType,
  isArrayType,
  JSON_TYPE,
  Json,
  type Value,
  type ValueType,
  valueCaster,
} from '../../model/index.js';
import type { DimensionSchema, DimensionType } from '../../segments/index.js';
import { autoJsonCell } from './auto-types.js';
import {
  ownValue,
  toArrayCell,
  toDoubleCell,
  toFloatCell,
  toJsonCell,
  toLongCell,
  toMetricNumber,
  toText,
  toTextCell,
} from './coerce.js';
import type { SketchField } from './metric-input.js';
import {
  isOnly,
  isTyped,
  kindsOf,
  LISTS,
  LONGS,
  NULLS,
  type RawColumn,
  TEXTS,
} from './raw-column.js';
import type { RowFates } from './row-fates.js';
import { tokenCells } from './token-cells.js';

/** A column of values of one type: an entry per row. */
export interface CellColumn {
  readonly type: ValueType;
  readonly multiValue: boolean;
  cell(row: number): Value;
  /** All cells at once, where they are typed; of rows that were not kept too. */
  readonly vector: ColumnVector | null;
}

function columnOf(type: ValueType, multiValue: boolean, cells: ArrayLike<unknown>): CellColumn {
  return { type, multiValue, cell: (row) => (cells[row] ?? null) as Value, vector: null };
}

type Convert = (value: unknown) => Value | undefined;

const CELLS: Readonly<Record<Exclude<DimensionType, 'STRING'>, Convert>> = {
  LONG: toLongCell,
  DOUBLE: toDoubleCell,
  FLOAT: toFloatCell,
  [JSON_TYPE]: toJsonCell,
  'ARRAY<STRING>': toArrayCell('ARRAY<STRING>'),
  'ARRAY<LONG>': toArrayCell('ARRAY<LONG>'),
  'ARRAY<DOUBLE>': toArrayCell('ARRAY<DOUBLE>'),
};

/** The field as a dimension: kept rows only; values that do not fit are null and blamed on their row. */
export function dimensionCells(
  { name, type, auto }: DimensionSchema,
  field: RawColumn,
  kept: Uint32Array,
  fates: RowFates,
): CellColumn {
  if (isTyped(field)) {
    if (field.type === type) return columnOf(type, false, field.values);
    const cast = valueCaster(field.type, type);
    const cells = Array.from(field.values, (value) => cast((value ?? null) as Value));
    return columnOf(type, false, cells);
  }
  const fast = field.tokens === null ? null : tokenCells(type, field.tokens);
  if (fast !== null) return fast;
  const kinds = kindsOf(field);
  if (type === 'STRING') {
    const multiValue = (kinds & LISTS) !== 0;
    const isReady = isOnly(kinds, NULLS | TEXTS);
    return columnOf(type, multiValue, isReady ? field.values : textCells(field, kept));
  }
  const isReady = (type === 'LONG' || type === 'DOUBLE') && isOnly(kinds, NULLS | LONGS);
  const cells = isReady
    ? field.values
    : convertedCells(name, wantedText(type), field, kept, fates, convertOf(type, auto));
  return columnOf(type, false, cells);
}

const convertOf = (type: Exclude<DimensionType, 'STRING'>, auto: AutoType | undefined): Convert =>
  type === JSON_TYPE && auto !== undefined ? autoJsonCell : CELLS[type];

/** The field as input of a numeric metric, as `dimensionCells` otherwise. Longs stay exact. */
export function metricCells(
  name: string,
  field: RawColumn,
  kept: Uint32Array,
  fates: RowFates,
): CellColumn {
  const kinds = kindsOf(field);
  const areLongs = isOnly(kinds, NULLS | LONGS);
  const type = areLongs ? 'LONG' : 'DOUBLE';
  const fast = field.tokens === null ? null : tokenCells(type, field.tokens);
  if (fast !== null) return fast;
  const cells = areLongs
    ? field.values
    : convertedCells(name, 'a number', field, kept, fates, toMetricNumber);
  return columnOf(type, false, cells);
}

/**
 * The field as sketches, of which it has bytes, or texts in base64; what is neither is null and blamed on its row. Where the
 * metric takes numbers too, these stay as they came, and so do lists.
 */
export function sketchCells(
  { name, type, orNumbers }: SketchField,
  field: RawColumn,
  kept: Uint32Array,
  fates: RowFates,
): CellColumn {
  const sketch = complexName(type);
  const decode = sketchDecoder(sketch);
  if (!orNumbers) {
    return columnOf(type, false, convertedCells(name, `a ${sketch}`, field, kept, fates, decode));
  }
  const hasJson = complexType(sketch).json !== undefined;
  const convert = (value: unknown): Value | undefined =>
    isNumbers(value) && !(hasJson && isRecord(value)) ? ownValue(value) : decode(value);
  const wanted = `a number or a ${sketch}`;
  return columnOf('STRING', true, convertedCells(name, wanted, field, kept, fates, convert));
}

const TO_DOUBLE = valueCaster('STRING', 'DOUBLE');

/** Whether a value counts as a number or as several; those of lists are not looked at. */
const isNumbers = (value: unknown): boolean =>
  typeof value === 'string' ? TO_DOUBLE(value) !== null : !(value instanceof Uint8Array);

/** Whether a value may be the JSON of a sketch. */
const isRecord = (value: unknown): boolean => value instanceof Json || isJsonObject(value);

function sketchDecoder(sketch: string): Convert {
  const serde = complexType(sketch);
  return (value) => {
    if (value === null || value === undefined || value === '') return null;
    const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : value;
    try {
      const own = serde.json?.read(value) ?? null;
      if (own !== null) return own;
      if (!(bytes instanceof Uint8Array)) return undefined;
      return serde.decode(bytes);
    } catch (error) {
      if (error instanceof CorruptSketchError) return undefined;
      throw error;
    }
  };
}

function textCells({ values, doubles }: RawColumn, kept: Uint32Array): Value[] {
  const cells = new Array<Value>(values.length).fill(null);
  for (let i = 0; i < kept.length; i++) {
    const row = kept[i]!;
    cells[row] = toTextCell(values[row], doubles !== null && doubles[row] === 1);
  }
  return cells;
}

const wantedText = (type: ValueType): string =>
  isArrayType(type) ? `an ${type}` : `a ${type.toLowerCase()}`;

function convertedCells(
  name: string,
  wanted: string,
  { values }: RawColumn,
  kept: Uint32Array,
  fates: RowFates,
  convert: Convert,
): Value[] {
  const cells = new Array<Value>(values.length).fill(null);
  for (let i = 0; i < kept.length; i++) {
    const row = kept[i]!;
    const cell = convert(values[row]);
    if (cell === undefined) fates.blame(row, misfit(name, wanted, values[row]));
    else cells[row] = cell;
  }
  return cells;
}

function misfit(name: string, wanted: string, value: unknown): string {
  const shown = (toText(value, false) ?? 'null').slice(0, 100);
  return `could not convert value [${shown}] of field [${name}] to ${wanted}`;
}

/** Reads the cells at the row that `cursor` stands on. */
export function cellReader(column: CellColumn, cursor: { readonly row: number }): ColumnReader {
  const { type, multiValue, vector } = column;
  const reader = { type, multiValue, exists: true, get: () => column.cell(cursor.row) };
  return vector === null ? reader : { ...reader, vector };
}
