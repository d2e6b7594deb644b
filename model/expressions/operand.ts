import type { Scalar, Value } from '../types.js';
import type { ExprType } from './ast.js';

/** A compiled expression: reads its value at the current row. FLOAT is not among the types: it reads as DOUBLE. */
export interface Operand {
  readonly type: ExprType;
  readonly get: () => Value;
  /** The value is the same for every row: a literal, or folded from literals. */
  readonly isConstant: boolean;
  /** Of a scalar type, where the value may be a list all the same: made by mapping a multi-value column. */
  readonly multiValue: boolean;
}

export const operand = (type: ExprType, get: () => Value): Operand => ({
  type,
  get,
  isConstant: false,
  multiValue: false,
});

export const constantOperand = (type: ExprType, value: Value): Operand => ({
  type,
  get: () => value,
  isConstant: true,
  multiValue: false,
});

/** A value that somebody sets before reading: a lambda parameter, or one element of a multi-value cell. */
export class Slot {
  value: Value = null;

  operand(type: ExprType): Operand {
    return operand(type, () => this.value);
  }
}

/** Calls `visit` with the slots set to each combination of values, those of the last list moving fastest. */
export function forEachCombination(
  lists: readonly (readonly Scalar[])[],
  slots: readonly Pick<Slot, 'value'>[],
  visit: () => void,
): void {
  const combinations = lists.reduce((product, { length }) => product * length, 1);
  for (let combination = 0; combination < combinations; combination++) {
    let rest = combination;
    for (let i = lists.length - 1; i >= 0; i--) {
      const list = lists[i]!;
      slots[i]!.value = list[rest % list.length]!;
      rest = Math.floor(rest / list.length);
    }
    visit();
  }
}
