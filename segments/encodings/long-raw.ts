import type { ColumnReader, Value } from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { isNull } from '../null-bitmap.js';
import { readLong } from '../words.js';
import { bytesOf, checkBlocks, writeNulls } from './checks.js';
import type { Content } from './content.js';
import type { AttachedColumn, BlockSink, Encoding, Position, WrittenColumn } from './encoding.js';
import type { LoadedColumn } from './loaded-column.js';
import type { Facts, LongVector, LongWords } from './vector.js';

/**
 * 64-bit signed integers as they are.
 *
 *     values      rowCount × i64; anything in null rows
 *     nulls       null bitmap, only where there are nulls
 */
export const longRaw: Encoding<LongVector> = {
  name: 'long.raw',
  kind: 'LONG',

  /** Offsets are always held by fewer bytes. */
  estimateBytes(vector: LongVector): number | null {
    return vector.layout === 'words' ? 8 * vector.rowCount : null;
  },

  write(vector: LongVector, _facts: Facts, sink: BlockSink): WrittenColumn {
    sink.block('values', [bytesOf((vector as LongWords).words.subarray(0, 2 * vector.rowCount))]);
    writeNulls(vector.nulls, sink);
    return { parameters: {}, hasNulls: vector.nulls !== null };
  },

  check(entry: ColumnEntry, rowCount: number): string | null {
    return checkBlocks(entry, rowCount, { values: 8 * rowCount }, 'may have nulls');
  },

  contents(): Readonly<Record<string, Content>> {
    return { values: 'i64' };
  },

  attach(column: LoadedColumn): AttachedColumn {
    const words = column.u32('values');
    const nulls = column.nulls();
    return {
      reader: (position) => new RawLongReader(position, words, nulls),
      scan: {
        type: 'LONG',
        layout: 'longs',
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

class RawLongReader implements ColumnReader {
  readonly type = 'LONG';
  readonly multiValue = false;
  readonly exists = true;

  constructor(
    private readonly position: Position,
    private readonly words: Uint32Array,
    private readonly nulls: Uint8Array | null,
  ) {}

  get(): Value {
    const { row } = this.position;
    if (this.nulls !== null && isNull(this.nulls, row)) return null;
    return readLong(this.words, 2 * row);
  }
}
