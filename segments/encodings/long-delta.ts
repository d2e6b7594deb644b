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
import { type ContentFault, checkMost } from './content-checks.js';
import type { AttachedColumn, BlockSink, Encoding, Position, WrittenColumn } from './encoding.js';
import type { LoadedColumn } from './loaded-column.js';
import { multiplesOf, unitOf } from './units.js';
import type { Facts, LongVector } from './vector.js';

/**
 * Frame of reference: value = base + unit × delta.
 *
 *     parameters  base: decimal text, the smallest value; width: 1, 2 or 4; unit: from 1 on, what all differences are
 *                 multiples of, only there where it is more than 1, and only where that makes deltas narrower
 *     deltas      rowCount × width bytes, unsigned; 0 in null rows
 *     nulls       null bitmap, only where there are nulls
 */
export const longDelta: Encoding<LongVector> = {
  name: 'long.delta',
  kind: 'LONG',
  rowBlocks: ['deltas'],

  estimateBytes(vector: LongVector, { min, max }: Facts): number | null {
    const width = widthOf(vector, min, max);
    return width === null ? null : vector.rowCount * width;
  },

  write(vector: LongVector, { min, max }: Facts, sink: BlockSink): WrittenColumn {
    const base = min as Long;
    const width = widthOf(vector, min, max)!;
    const unit = unitOf(vector, min, max);
    const deltas =
      unit === 1 ? deltasOf(vector, base, width) : multiplesOf(vector, base, unit, width);
    sink.block('deltas', [bytesOf(deltas)]);
    writeNulls(vector.nulls, sink);
    const parameters = { base: String(base), width, ...(unit > 1 && { unit }) };
    return { parameters, hasNulls: vector.nulls !== null };
  },

  check(entry: ColumnEntry, rowCount: number): string | null {
    const width = widthParameter(entry);
    if (width === null || baseOf(entry) === null) return 'want parameters base and width';
    if (!Number.isSafeInteger(unitIn(entry)) || unitIn(entry) < 1) return 'want a unit from 1 on';
    return checkBlocks(entry, rowCount, { deltas: width * rowCount }, 'may have nulls');
  },

  contents(entry: ColumnEntry): Readonly<Record<string, Content>> {
    return { deltas: unsignedContent(widthParameter(entry)!) };
  },

  checkContent(column: LoadedColumn): ContentFault {
    const { entry } = column;
    const most = mostUnits(entry);
    return most === null
      ? 'the largest value is none of the base and units'
      : checkMost(column, 'deltas', widthParameter(entry)!, most);
  },

  attach(column: LoadedColumn): AttachedColumn {
    const width = widthParameter(column.entry)!;
    const base = baseOf(column.entry)!;
    const unit = unitIn(column.entry);
    const fits = typeof base === 'number' && Number.isSafeInteger(base + unit * 2 ** (8 * width));
    return fits ? attachNarrow(column, base, unit, width) : attachWide(column, base, unit, width);
  },
};

/** Bytes of a delta; null where four do not hold it. */
function widthOf(vector: LongVector, min: Facts['min'], max: Facts['max']): Width | null {
  if (min === null || max === null) return null;
  const most = Number(BigInt(max) - BigInt(min)) / unitOf(vector, min, max);
  return most < 2 ** 32 ? widthFor(most) : null;
}

const baseOf = (entry: ColumnEntry): Long | null => parseLong(String(entry.parameters.base));

const unitIn = ({ parameters }: ColumnEntry): number => Number(parameters.unit ?? 1);

/** How many units the largest value is above the base: what else is known of the column rests on it. Null where no number of them is. */
function mostUnits(entry: ColumnEntry): number | null {
  const max = parseLong(entry.stats.max ?? '');
  if (max === null) return null;
  const span = BigInt(max) - BigInt(baseOf(entry)!);
  const unit = BigInt(unitIn(entry));
  return span >= 0n && span % unit === 0n ? Number(span / unit) : null;
}

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

function attachNarrow(
  column: LoadedColumn,
  base: number,
  unit: number,
  width: Width,
): AttachedColumn {
  const nulls = column.nulls();
  const scan = scanOf(column, base, unit, width);
  if (width === 1) {
    const deltas = column.u8('deltas');
    return { reader: (position) => new DeltaReader8(position, deltas, base, unit, nulls), scan };
  }
  if (width === 2) {
    const deltas = column.u16('deltas');
    return { reader: (position) => new DeltaReader16(position, deltas, base, unit, nulls), scan };
  }
  const deltas = column.u32('deltas');
  return { reader: (position) => new DeltaReader32(position, deltas, base, unit, nulls), scan };
}

/** Values beyond the safe integers: rare, so one class for all widths will do. */
function attachWide(column: LoadedColumn, base: Long, unit: number, width: Width): AttachedColumn {
  const deltas =
    width === 1 ? column.u8('deltas') : width === 2 ? column.u16('deltas') : column.u32('deltas');
  const nulls = column.nulls();
  return {
    reader: (position) => new WideDeltaReader(position, deltas, BigInt(base), BigInt(unit), nulls),
    scan: scanOf(column, base, unit, width),
  };
}

const scanOf = (column: LoadedColumn, base: Long, unit: number, width: Width): ScanColumn => ({
  type: 'LONG',
  layout: 'deltas',
  width,
  address: column.address('deltas'),
  nulls: column.nullsAddress(),
  base,
  unit,
  size: 2 ** (8 * width),
  values: null,
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
    private readonly unit: number,
    private readonly nulls: Uint8Array | null,
  ) {}

  get(): Value {
    const { row } = this.position;
    if (this.nulls !== null && isNull(this.nulls, row)) return null;
    return this.base + this.unit * this.deltas[row]!;
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
    private readonly unit: number,
    private readonly nulls: Uint8Array | null,
  ) {}

  get(): Value {
    const { row } = this.position;
    if (this.nulls !== null && isNull(this.nulls, row)) return null;
    return this.base + this.unit * this.deltas[row]!;
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
    private readonly unit: number,
    private readonly nulls: Uint8Array | null,
  ) {}

  get(): Value {
    const { row } = this.position;
    if (this.nulls !== null && isNull(this.nulls, row)) return null;
    return this.base + this.unit * this.deltas[row]!;
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
    private readonly unit: bigint,
    private readonly nulls: Uint8Array | null,
  ) {}

  get(): Value {
    const { row } = this.position;
    if (this.nulls !== null && isNull(this.nulls, row)) return null;
    return toLong(this.base + this.unit * BigInt(this.deltas[row]!));
  }
}
