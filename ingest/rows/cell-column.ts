import { type ColumnReader, type Value, type ValueType, valueCaster } from '../../model/index.js';
import type { DimensionSchema } from '../../segments/index.js';
import {
  toDoubleCell,
  toFloatCell,
  toLongCell,
  toMetricNumber,
  toText,
  toTextCell,
} from './coerce.js';
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

/** A column of values of one type: an entry per row; undefined reads as null. */
export interface CellColumn {
  readonly type: ValueType;
  readonly multiValue: boolean;
  readonly cells: ArrayLike<unknown>;
}

type Convert = (value: unknown) => Value | undefined;

const NUMBER_CELLS: Readonly<Record<Exclude<DimensionSchema['type'], 'STRING'>, Convert>> = {
  LONG: toLongCell,
  DOUBLE: toDoubleCell,
  FLOAT: toFloatCell,
};

/** The field as a dimension: kept rows only; values that do not fit are null and blamed on their row. */
export function dimensionCells(
  { name, type }: DimensionSchema,
  field: RawColumn,
  kept: Uint32Array,
  fates: RowFates,
): CellColumn {
  if (isTyped(field)) {
    const cast = valueCaster(field.type, type);
    const cells = Array.from(field.values, (value) => cast((value ?? null) as Value));
    return { type, multiValue: false, cells };
  }
  const kinds = kindsOf(field);
  if (type === 'STRING') {
    const multiValue = (kinds & LISTS) !== 0;
    if (isOnly(kinds, NULLS | TEXTS)) return { type, multiValue, cells: field.values };
    return { type, multiValue, cells: textCells(field, kept) };
  }
  const isReady = type !== 'FLOAT' && isOnly(kinds, NULLS | LONGS);
  const cells = isReady
    ? field.values
    : numberCells(name, `a ${type.toLowerCase()}`, field, kept, fates, NUMBER_CELLS[type]);
  return { type, multiValue: false, cells };
}

/** The field as input of a numeric metric, as `dimensionCells` otherwise. Longs stay exact. */
export function metricCells(
  name: string,
  field: RawColumn,
  kept: Uint32Array,
  fates: RowFates,
): CellColumn {
  const areLongs = isOnly(kindsOf(field), NULLS | LONGS);
  const cells = areLongs
    ? field.values
    : numberCells(name, 'a number', field, kept, fates, toMetricNumber);
  return { type: areLongs ? 'LONG' : 'DOUBLE', multiValue: false, cells };
}

function textCells({ values, doubles }: RawColumn, kept: Uint32Array): Value[] {
  const cells = new Array<Value>(values.length).fill(null);
  for (let i = 0; i < kept.length; i++) {
    const row = kept[i]!;
    cells[row] = toTextCell(values[row], doubles !== null && doubles[row] === 1);
  }
  return cells;
}

function numberCells(
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
  const { type, multiValue, cells } = column;
  return { type, multiValue, exists: true, get: () => (cells[cursor.row] ?? null) as Value };
}
