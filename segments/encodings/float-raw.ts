import type { ColumnReader, Value } from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { isNull } from '../null-bitmap.js';
import { bytesOf, checkBlocks, writeNulls } from './checks.js';
import type { Content } from './content.js';
import type { AttachedColumn, BlockSink, Encoding, Position, WrittenColumn } from './encoding.js';
import type { LoadedColumn } from './loaded-column.js';
import type { Facts, FloatVector } from './vector.js';

/**
 * IEEE 754 numbers of 32 bits as they are.
 *
 *     values      rowCount × f32; anything in null rows
 *     nulls       null bitmap, only where there are nulls
 */
export const floatRaw: Encoding<FloatVector> = {
  name: 'float.raw',
  kind: 'FLOAT',
  rowBlocks: ['values'],

  estimateBytes(vector: FloatVector): number {
    return 4 * vector.rowCount;
  },

  write(vector: FloatVector, _facts: Facts, sink: BlockSink): WrittenColumn {
    sink.block('values', [bytesOf(vector.values.subarray(0, vector.rowCount))]);
    writeNulls(vector.nulls, sink);
    return { parameters: {}, hasNulls: vector.nulls !== null };
  },

  check(entry: ColumnEntry, rowCount: number): string | null {
    return checkBlocks(entry, rowCount, { values: 4 * rowCount }, 'may have nulls');
  },

  contents(): Readonly<Record<string, Content>> {
    return { values: 'f32' };
  },

  attach(column: LoadedColumn): AttachedColumn {
    const values = column.f32('values');
    const nulls = column.nulls();
    return {
      reader: (position) => new RawFloatReader(position, values, nulls),
      scan: {
        type: 'FLOAT',
        layout: 'floats',
        width: 4,
        address: column.address('values'),
        nulls: column.nullsAddress(),
        base: 0,
        unit: 1,
        size: 0,
        values: null,
        texts: null,
      },
    };
  },
};

class RawFloatReader implements ColumnReader {
  readonly type = 'FLOAT';
  readonly multiValue = false;
  readonly exists = true;

  constructor(
    private readonly position: Position,
    private readonly values: Float32Array,
    private readonly nulls: Uint8Array | null,
  ) {}

  get(): Value {
    const { row } = this.position;
    if (this.nulls !== null && isNull(this.nulls, row)) return null;
    return this.values[row]!;
  }
}
