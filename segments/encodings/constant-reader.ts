import type { Long } from '../../core/index.js';
import type { ColumnReader, Value, ValueType } from '../../model/index.js';
import { isNull } from '../null-bitmap.js';
import type { AttachedColumn, Position } from './encoding.js';
import type { LoadedColumn } from './loaded-column.js';

/** A column where every row that is not null holds one value. */
export function attachConstant(
  type: 'LONG' | 'DOUBLE' | 'FLOAT',
  value: Long,
  column: LoadedColumn,
): AttachedColumn {
  const nulls = column.nulls();
  return {
    reader: (position) => new ConstantReader(position, type, value, nulls),
    scan: {
      type,
      layout: 'constant',
      width: 0,
      address: 0,
      nulls: column.nullsAddress(),
      base: value,
      unit: 1,
      size: 0,
      values: null,
      texts: null,
    },
  };
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
