import type { ColumnReader, Value, ValueType } from '../../model/index.js';
import { isNull } from '../null-bitmap.js';
import type { AttachedColumn, Position } from './encoding.js';

/** A column where every row that is not null holds one value. */
export function attachConstant(
  type: ValueType,
  value: Value,
  nulls: Uint8Array | null,
): AttachedColumn {
  return { reader: (position) => new ConstantReader(position, type, value, nulls) };
}

class ConstantReader implements ColumnReader {
  readonly multiValue = false;
  readonly exists = true;

  constructor(
    private readonly position: Position,
    readonly type: ValueType,
    private readonly constant: Value,
    private readonly nulls: Uint8Array | null,
  ) {}

  get(): Value {
    return this.nulls !== null && isNull(this.nulls, this.position.row) ? null : this.constant;
  }
}
