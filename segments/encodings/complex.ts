import { ResourceLimitError } from '../../core/index.js';
import {
  type ColumnReader,
  type ComplexType,
  type ComplexTypeSerde,
  complexName,
  complexType,
  type Value,
} from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { isNull, nullBitmapBytes, setNull } from '../null-bitmap.js';
import { bytesOf, checkBlocks, writeNulls } from './checks.js';
import type { Content } from './content.js';
import { type ContentFault, checkOffsets } from './content-checks.js';
import type { AttachedColumn, BlockSink, Encoding, Position, WrittenColumn } from './encoding.js';
import type { LoadedColumn } from './loaded-column.js';
import type { ComplexVector, Facts } from './vector.js';

const MAX_BYTES = 2 ** 32 - 1;

/**
 * Sketches and other states in the form of their complex type, one after another.
 *
 *     bytes       the stored forms
 *     offsets     (rowCount + 1) × u32: row i is bytes [offsets[i], offsets[i + 1])
 *     nulls       null bitmap, only where there are nulls
 */
export const complexBytes: Encoding<ComplexVector> = {
  name: 'complex.bytes',
  kind: 'COMPLEX',
  rowBlocks: 'offsets',

  estimateBytes(vector: ComplexVector): number {
    return 4 * (vector.rowCount + 1);
  },

  write(vector: ComplexVector, _facts: Facts, sink: BlockSink): WrittenColumn {
    const offsets = new Uint32Array(vector.rowCount + 1);
    const nulls = new Uint8Array(nullBitmapBytes(vector.rowCount));
    sink.block('bytes', streamBytes(vector, offsets, nulls));
    sink.block('offsets', [bytesOf(offsets)]);
    const hasNulls = nulls.some((byte) => byte !== 0);
    writeNulls(hasNulls ? nulls : null, sink);
    return { parameters: {}, hasNulls };
  },

  check(entry: ColumnEntry, rowCount: number): string | null {
    const expected = { bytes: null, offsets: 4 * (rowCount + 1) };
    return checkBlocks(entry, rowCount, expected, 'may have nulls');
  },

  contents(): Readonly<Record<string, Content>> {
    return { offsets: 'u32' };
  },

  checkContent(column: LoadedColumn): ContentFault {
    return checkOffsets(column.u32('offsets'), column.u8('bytes').length, 'offsets');
  },

  attach(column: LoadedColumn): AttachedColumn {
    const type = column.entry.type as ComplexType;
    const serde = complexType(complexName(type));
    const bytes = column.u8('bytes');
    const offsets = column.u32('offsets');
    const nulls = column.nulls();
    return {
      scan: null,
      reader: (position) => new ComplexReader(position, type, serde, bytes, offsets, nulls),
    };
  },
};

/** The stored form of each row in turn; fills `offsets` and `nulls` on the way. */
function* streamBytes(
  vector: ComplexVector,
  offsets: Uint32Array,
  nulls: Uint8Array,
): Generator<Uint8Array> {
  let total = 0;
  for (let row = 0; row < vector.rowCount; row++) {
    const bytes = vector.bytes(row);
    if (bytes === null) setNull(nulls, row);
    else {
      total += bytes.length;
      if (total > MAX_BYTES) throw tooLarge(total);
      yield bytes;
    }
    offsets[row + 1] = total;
  }
}

function tooLarge(amount: number): ResourceLimitError {
  return new ResourceLimitError(
    `the sketches of one column take more than ${MAX_BYTES} bytes; use fewer rows per segment`,
    MAX_BYTES,
    amount,
  );
}

class ComplexReader implements ColumnReader {
  readonly multiValue = false;
  readonly exists = true;

  constructor(
    private readonly position: Position,
    readonly type: ComplexType,
    private readonly serde: ComplexTypeSerde,
    private readonly bytes: Uint8Array,
    private readonly offsets: Uint32Array,
    private readonly nulls: Uint8Array | null,
  ) {}

  get(): Value {
    const { row } = this.position;
    if (this.nulls !== null && isNull(this.nulls, row)) return null;
    return this.serde.decode(this.bytes.slice(this.offsets[row]!, this.offsets[row + 1]!));
  }

  stored(): Uint8Array | null {
    const { row } = this.position;
    if (this.nulls !== null && isNull(this.nulls, row)) return null;
    return this.bytes.subarray(this.offsets[row]!, this.offsets[row + 1]!);
  }
}
