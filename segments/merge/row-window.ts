import { invariant } from '../../core/index.js';
import { ColumnarSegment } from '../columnar-segment.js';
import { encodingNamed } from '../encodings/registry.js';
import type { BlockEntry, ColumnEntry } from '../format/directory.js';
import { nullBitmapBytes } from '../null-bitmap.js';
import type { Segment } from '../types.js';
import type { MergeFile } from './merge-file.js';
import type { WindowRoom } from './window-room.js';

/** Some rows of a file, one after another: [from, to). */
export interface RowSpan {
  readonly from: number;
  readonly to: number;
}

/** Bitmaps are cut between bytes. */
const ROWS_PER_BYTE = 8;

/** Rows of a file as a segment of some of its columns, as valid as the room that they were read into. */
export interface RowWindow {
  readonly segment: Segment;
  /** The number of the first wanted row in `segment`: a few before it may be there too. */
  readonly first: number;
}

/** Reads the named columns of some rows; those that the file does not have are not there. */
export function readWindow(
  file: MergeFile,
  names: readonly string[],
  { from, to }: RowSpan,
  room: WindowRoom,
): RowWindow {
  const span = from === to ? { from: 0, to: 0 } : { from: from - (from % ROWS_PER_BYTE), to };
  const columns = names.flatMap((name) => {
    const entry = file.column(name);
    return entry === null ? [] : [readColumn(file, entry, span, from, room)];
  });
  const segment = new ColumnarSegment({
    ...file.directory,
    columns,
    rowCount: span.to - span.from,
    path: file.path,
    memory: room.memory,
    // Kernels would need some; here nobody scans.
    scratch: { offset: 0, sizeBytes: 0 },
    sortedByTime: true,
    lineage: null,
    baseOf: () => 0,
    knownCells: () => [],
  });
  return { segment, first: from === to ? 0 : from - span.from };
}

/** How many bytes the rows of a column take in a file, where that differs from row to row; else null. */
export function variableBytes(file: MergeFile, name: string, { from, to }: RowSpan): number | null {
  const entry = file.column(name);
  if (entry === null || rowBlocksOf(entry) !== 'offsets') return null;
  const bounds = new Uint32Array(2);
  const offsets = blockOf(entry, 'offsets');
  readWords(file, offsets.offset + 4 * from, bounds.subarray(0, 1));
  readWords(file, offsets.offset + 4 * to, bounds.subarray(1));
  return bounds[1]! - bounds[0]!;
}

function rowBlocksOf({ encoding }: ColumnEntry): readonly string[] | 'offsets' {
  const blocks = encodingNamed(encoding)?.rowBlocks;
  invariant(blocks !== undefined, `encoding ${encoding} is known`);
  return blocks;
}

/** The column's entry, its blocks at addresses in the room. */
function readColumn(
  file: MergeFile,
  entry: ColumnEntry,
  span: RowSpan,
  first: number,
  room: WindowRoom,
): ColumnEntry {
  const rowBlocks = rowBlocksOf(entry);
  const blocks =
    rowBlocks === 'offsets'
      ? readPieces(file, entry, span, first, room)
      : entry.blocks.map((block) =>
          rowBlocks.includes(block.name) || block.name === 'nulls'
            ? readRows(file, block, span, room)
            : readWhole(file, entry, block, room),
        );
  return { ...entry, blocks, indexes: [] };
}

/** One entry for each row, or one bit. */
function readRows(
  file: MergeFile,
  { name, offset, length }: BlockEntry,
  { from, to }: RowSpan,
  room: WindowRoom,
): BlockEntry {
  if (name === 'nulls') {
    return readBytes(file, name, offset + from / ROWS_PER_BYTE, nullBitmapBytes(to - from), room);
  }
  const width = length / file.rowCount;
  return readBytes(file, name, offset + width * from, width * (to - from), room);
}

/** What all rows share. */
function readWhole(
  file: MergeFile,
  column: ColumnEntry,
  { name, offset, length }: BlockEntry,
  room: WindowRoom,
): BlockEntry {
  const key = JSON.stringify([file.path, column.name, name]);
  const address = room.keep(key, length, (target) => file.read(target, offset));
  return { name, offset: address, length, crc32c: 0 };
}

/** Rows of different length: offsets are counted from row `first`; those before it are empty. */
function readPieces(
  file: MergeFile,
  entry: ColumnEntry,
  span: RowSpan,
  first: number,
  room: WindowRoom,
): BlockEntry[] {
  const rows = span.to - span.from;
  const placed = readBytes(
    file,
    'offsets',
    blockOf(entry, 'offsets').offset + 4 * span.from,
    4 * (rows + 1),
    room,
  );
  const offsets = new Uint32Array(room.memory.buffer, placed.offset, rows + 1);
  const start = offsets[Math.min(rows, first - span.from)]!;
  for (let i = 0; i <= rows; i++) offsets[i] = Math.max(0, offsets[i]! - start);
  const bytes = blockOf(entry, 'bytes');
  const nulls = entry.blocks.filter(({ name }) => name === 'nulls');
  return [
    readBytes(file, 'bytes', bytes.offset + start, offsets[rows]!, room),
    placed,
    ...nulls.map((block) => readRows(file, block, span, room)),
  ];
}

function readBytes(
  file: MergeFile,
  name: string,
  offset: number,
  length: number,
  room: WindowRoom,
): BlockEntry {
  const address = room.take(length);
  if (length > 0) file.read(new Uint8Array(room.memory.buffer, address, length), offset);
  return { name, offset: address, length, crc32c: 0 };
}

function blockOf({ blocks, name: column }: ColumnEntry, name: string): BlockEntry {
  const block = blocks.find((each) => each.name === name);
  invariant(block !== undefined, `column ${column} has a block ${name}`);
  return block;
}

function readWords(file: MergeFile, offset: number, target: Uint32Array): void {
  file.read(new Uint8Array(target.buffer, target.byteOffset, target.byteLength), offset);
}
