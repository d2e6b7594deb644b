import { type Long, parseLong, toLong } from '../../core/index.js';
import type { ColumnReader, Value } from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { isNull } from '../null-bitmap.js';
import type { ScanColumn } from '../types.js';
import {
  bytesOf,
  checkBlocks,
  unsignedArray,
  type Width,
  widthFor,
  widthParameter,
  writeNulls,
} from './checks.js';
import { type Content, unsignedContent } from './content.js';
import type { AttachedColumn, BlockSink, Encoding, Position, WrittenColumn } from './encoding.js';
import type { LoadedColumn } from './loaded-column.js';
import type { Facts, LongVector } from './vector.js';

/**
 * Frame of reference: value = base + delta.
 *
 *     parameters  base: decimal text, the smallest value; width: 1, 2 or 4
 *     deltas      rowCount × width bytes, unsigned; 0 in null rows
 *     nulls       null bitmap, only where there are nulls
 */
export const longDelta: Encoding<LongVector> = {
  name: 'long.delta',
  kind: 'LONG',

  estimateBytes(vector: LongVector, { min, max }: Facts): number | null {
    const span = spanOf(min, max);
    return span === null ? null : vector.rowCount * widthFor(span);
  },

  write(vector: LongVector, { min, max }: Facts, sink: BlockSink): WrittenColumn {
    const base = min as Long;
    const width = widthFor(spanOf(min, max)!);
    sink.block('deltas', [bytesOf(deltasOf(vector, base, width))]);
    writeNulls(vector.nulls, sink);
    return { parameters: { base: String(base), width }, hasNulls: vector.nulls !== null };
  },

  check(entry: ColumnEntry, rowCount: number): string | null {
    const width = widthParameter(entry);
    if (width === null || baseOf(entry) === null) return 'want parameters base and width';
    return checkBlocks(entry, rowCount, { deltas: width * rowCount }, 'may have nulls');
  },

  contents(entry: ColumnEntry): Readonly<Record<string, Content>> {
    return { deltas: unsignedContent(widthParameter(entry)!) };
  },

  attach(column: LoadedColumn): AttachedColumn {
    const width = widthParameter(column.entry)!;
    const base = baseOf(column.entry)!;
    const fits = typeof base === 'number' && Number.isSafeInteger(base + 2 ** (8 * width));
    return fits ? attachNarrow(column, base, width) : attachWide(column, base, width);
  },
};

/** max - min where four bytes hold it. */
function spanOf(min: Facts['min'], max: Facts['max']): number | null {
  if (min === null || max === null) return null;
  const span = BigInt(max) - BigInt(min);
  return span < 2n ** 32n ? Number(span) : null;
}

const baseOf = (entry: ColumnEntry): Long | null => parseLong(String(entry.parameters.base));

function deltasOf(
  vector: LongVector,
  base: Long,
  width: Width,
): Uint8Array | Uint16Array | Uint32Array {
  const { nulls, rowCount } = vector;
  if (vector.layout === 'offsets' && nulls === null && BigInt(vector.base) === BigInt(base)) {
    if (vector.offsets.BYTES_PER_ELEMENT === width) return vector.offsets;
  }
  const deltas = unsignedArray(width, rowCount);
  // The span is below 2^32, so the lower words alone, modulo 2^32, give the difference.
  if (vector.layout === 'words') {
    const baseWord = lowWord(base);
    const { words } = vector;
    for (let row = 0; row < rowCount; row++) deltas[row] = words[2 * row]! - baseWord;
  } else {
    const shift = lowWord(BigInt(base) - BigInt(vector.base));
    const { offsets } = vector;
    for (let row = 0; row < rowCount; row++) deltas[row] = offsets[row]! - shift;
  }
  if (nulls !== null) {
    for (let row = 0; row < rowCount; row++) if (isNull(nulls, row)) deltas[row] = 0;
  }
  return deltas;
}

const lowWord = (value: Long): number => Number(BigInt.asUintN(32, BigInt(value)));

function attachNarrow(column: LoadedColumn, base: number, width: Width): AttachedColumn {
  const nulls = column.nulls();
  const scan = scanOf(column, base, width);
  if (width === 1) {
    const deltas = column.u8('deltas');
    return { reader: (position) => new DeltaReader8(position, deltas, base, nulls), scan };
  }
  if (width === 2) {
    const deltas = column.u16('deltas');
    return { reader: (position) => new DeltaReader16(position, deltas, base, nulls), scan };
  }
  const deltas = column.u32('deltas');
  return { reader: (position) => new DeltaReader32(position, deltas, base, nulls), scan };
}

/** Values beyond the safe integers: rare, so one class for all widths will do. */
function attachWide(column: LoadedColumn, base: Long, width: Width): AttachedColumn {
  const deltas =
    width === 1 ? column.u8('deltas') : width === 2 ? column.u16('deltas') : column.u32('deltas');
  const nulls = column.nulls();
  return {
    reader: (position) => new WideDeltaReader(position, deltas, BigInt(base), nulls),
    scan: scanOf(column, base, width),
  };
}

const scanOf = (column: LoadedColumn, base: Long, width: Width): ScanColumn => ({
  type: 'LONG',
  layout: 'deltas',
  width,
  address: column.address('deltas'),
  nulls: column.nullsAddress(),
  base,
  size: 2 ** (8 * width),
  texts: null,
});

class DeltaReader8 implements ColumnReader {
  readonly type = 'LONG';
  readonly multiValue = false;
  readonly exists = true;

  constructor(
    private readonly position: Position,
    private readonly deltas: Uint8Array,
    private readonly base: number,
    private readonly nulls: Uint8Array | null,
  ) {}

  get(): Value {
    const { row } = this.position;
    if (this.nulls !== null && isNull(this.nulls, row)) return null;
    return this.base + this.deltas[row]!;
  }
}

class DeltaReader16 implements ColumnReader {
  readonly type = 'LONG';
  readonly multiValue = false;
  readonly exists = true;

  constructor(
    private readonly position: Position,
    private readonly deltas: Uint16Array,
    private readonly base: number,
    private readonly nulls: Uint8Array | null,
  ) {}

  get(): Value {
    const { row } = this.position;
    if (this.nulls !== null && isNull(this.nulls, row)) return null;
    return this.base + this.deltas[row]!;
  }
}

class DeltaReader32 implements ColumnReader {
  readonly type = 'LONG';
  readonly multiValue = false;
  readonly exists = true;

  constructor(
    private readonly position: Position,
    private readonly deltas: Uint32Array,
    private readonly base: number,
    private readonly nulls: Uint8Array | null,
  ) {}

  get(): Value {
    const { row } = this.position;
    if (this.nulls !== null && isNull(this.nulls, row)) return null;
    return this.base + this.deltas[row]!;
  }
}

class WideDeltaReader implements ColumnReader {
  readonly type = 'LONG';
  readonly multiValue = false;
  readonly exists = true;

  constructor(
    private readonly position: Position,
    private readonly deltas: Uint8Array | Uint16Array | Uint32Array,
    private readonly base: bigint,
    private readonly nulls: Uint8Array | null,
  ) {}

  get(): Value {
    const { row } = this.position;
    if (this.nulls !== null && isNull(this.nulls, row)) return null;
    return toLong(this.base + BigInt(this.deltas[row]!));
  }
}
