import { toLong } from '../../core/index.js';
import type { ColumnReader, Value } from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { isNull } from '../null-bitmap.js';
import { readLong, writeLong } from '../words.js';
import { bytesOf, checkBlocks, writeNulls } from './checks.js';
import type { Content } from './content.js';
import type { AttachedColumn, BlockSink, Encoding, Position, WrittenColumn } from './encoding.js';
import type { LoadedColumn } from './loaded-column.js';
import type { Facts, LongVector } from './vector.js';

/**
 * 64-bit signed integers as they are.
 *
 *     values      rowCount × i64; anything in null rows
 *     nulls       null bitmap, only where there are nulls
 */
export const longRaw: Encoding<LongVector> = {
  name: 'long.raw',
  kind: 'LONG',
  rowBlocks: ['values'],

  estimateBytes(vector: LongVector): number {
    return 8 * vector.rowCount;
  },

  write(vector: LongVector, _facts: Facts, sink: BlockSink): WrittenColumn {
    sink.block('values', [bytesOf(wordsOf(vector).subarray(0, 2 * vector.rowCount))]);
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

/** Of offsets too, though other encodings hold those in fewer bytes. */
function wordsOf(vector: LongVector): Uint32Array {
  if (vector.layout === 'words') return vector.words;
  const words = new Uint32Array(2 * vector.rowCount);
  const base = BigInt(vector.base);
  for (let row = 0; row < vector.rowCount; row++) {
    writeLong(words, 2 * row, toLong(BigInt.asIntN(64, base + BigInt(vector.offsets[row]!))));
  }
  return words;
}

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
