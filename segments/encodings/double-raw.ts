import type { ColumnReader, Value } from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { isNull } from '../null-bitmap.js';
import { bytesOf, checkBlocks, writeNulls } from './checks.js';
import type { Content } from './content.js';
import type { AttachedColumn, BlockSink, Encoding, Position, WrittenColumn } from './encoding.js';
import type { LoadedColumn } from './loaded-column.js';
import type { DoubleVector, Facts } from './vector.js';

/**
 * IEEE 754 numbers of 64 bits as they are.
 *
 *     values      rowCount × f64; anything in null rows
 *     nulls       null bitmap, only where there are nulls
 */
export const doubleRaw: Encoding<DoubleVector> = {
  name: 'double.raw',
  kind: 'DOUBLE',
  rowBlocks: ['values'],

  estimateBytes(vector: DoubleVector): number {
    return 8 * vector.rowCount;
  },

  write(vector: DoubleVector, _facts: Facts, sink: BlockSink): WrittenColumn {
    sink.block('values', [bytesOf(vector.values.subarray(0, vector.rowCount))]);
    writeNulls(vector.nulls, sink);
    return { parameters: {}, hasNulls: vector.nulls !== null };
  },

  check(entry: ColumnEntry, rowCount: number): string | null {
    return checkBlocks(entry, rowCount, { values: 8 * rowCount }, 'may have nulls');
  },

  contents(): Readonly<Record<string, Content>> {
    return { values: 'f64' };
  },

  attach(column: LoadedColumn): AttachedColumn {
    const values = column.f64('values');
    const nulls = column.nulls();
    return {
      reader: (position) => new RawDoubleReader(position, values, nulls),
      scan: {
        type: 'DOUBLE',
        layout: 'doubles',
        width: 8,
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

class RawDoubleReader implements ColumnReader {
  readonly type = 'DOUBLE';
  readonly multiValue = false;
  readonly exists = true;

  constructor(
    private readonly position: Position,
    private readonly values: Float64Array,
    private readonly nulls: Uint8Array | null,
  ) {}

  get(): Value {
    const { row } = this.position;
    if (this.nulls !== null && isNull(this.nulls, row)) return null;
    return this.values[row]!;
  }
}
