import type { ColumnReader } from '../rows.js';
import { isArrayType, type Scalar, type Value } from '../types.js';
import { callError } from './functions/definition.js';
import { forEachCombination, type Operand, type Slot } from './operand.js';

/** More combinations of values in one row than this are refused. */
const MAX_COMBINATIONS = 1_000_000;

/**
 * Computes `body`, which reads `slots`, for each value of a multi-value column (for several columns:
 * for each combination, the last column moving fastest). Where a cell holds a list the result is one;
 * arrays are laid end to end.
 */
export function mapCells(
  columns: readonly ColumnReader[],
  slots: readonly Slot[],
  { type, get }: Operand,
): Operand {
  const isArray = type !== null && isArrayType(type);
  const cell = (): Value => {
    const results = compute(columns, slots, get);
    if (results === null) return get();
    return isArray
      ? results.flatMap((list) => (list ?? []) as readonly Scalar[])
      : (results as Scalar[]);
  };
  return { type, get: cell, isConstant: false, multiValue: !isArray };
}

/** The result for each combination; null, with the slots set, when no cell holds a list. */
function compute(
  columns: readonly ColumnReader[],
  slots: readonly Slot[],
  get: () => Value,
): Value[] | null {
  let combinations = 1;
  let isList = false;
  const cells: Value[] = [];
  for (let i = 0; i < columns.length; i++) {
    const read = columns[i]!.get();
    // What holds no value is null, as elsewhere.
    const cell = Array.isArray(read) && read.length === 0 ? null : read;
    cells.push(cell);
    slots[i]!.value = cell;
    if (!Array.isArray(cell)) continue;
    isList = true;
    combinations *= cell.length;
  }
  if (!isList) return null;
  if (combinations > MAX_COMBINATIONS) {
    throw callError('cartesian_map', `has ${combinations} combinations of values in one row`);
  }
  return cells.length === 1
    ? (cells[0] as readonly Scalar[]).map((value) => {
        slots[0]!.value = value;
        return get();
      })
    : eachCombination(cells.map(listOf), slots, get);
}

function eachCombination(
  lists: readonly (readonly Scalar[])[],
  slots: readonly Slot[],
  get: () => Value,
): Value[] {
  const results: Value[] = [];
  forEachCombination(lists, slots, () => results.push(get()));
  return results;
}

const listOf = (cell: Value): readonly Scalar[] =>
  Array.isArray(cell) ? (cell as readonly Scalar[]) : [cell as Scalar];
