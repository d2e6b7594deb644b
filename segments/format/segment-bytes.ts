import { CorruptSegmentError, crc32c, type Disk, type ReadFile } from '../../core/index.js';
import type {
  BlockEntry,
  ColumnEntry,
  IndexEntry,
  SegmentDirectory,
  TreeEntry,
} from './directory.js';
import { decodeDirectory } from './directory-json.js';
import {
  encodeFooter,
  encodeHeader,
  HEADER_BYTES,
  paddedLength,
  readDirectoryBytes,
  SEGMENT_FRAME,
} from './frame.js';

/** A block and what it belongs to. */
export interface PlacedBlock {
  readonly block: BlockEntry;
  readonly column: ColumnEntry;
  /** Null for a column of the rows. */
  readonly tree: TreeEntry | null;
  /** Null for a block of the column itself. */
  readonly index: IndexEntry | null;
}

/** All blocks of a file, those of indexes behind those of their column, those of star-trees last: the order in which they lie. */
export const blocksOf = ({
  columns,
  trees,
}: Pick<SegmentDirectory, 'columns' | 'trees'>): PlacedBlock[] => [
  ...columns.flatMap((column) => blocksOfColumn(column, null)),
  ...trees.flatMap((tree) => tree.columns.flatMap((column) => blocksOfColumn(column, tree))),
];

const blocksOfColumn = (column: ColumnEntry, tree: TreeEntry | null): PlacedBlock[] => [
  ...column.blocks.map((block) => ({ block, column, tree, index: null })),
  ...column.indexes.flatMap((index) =>
    index.blocks.map((block) => ({ block, column, tree, index })),
  ),
];

/**
 * All bytes of a segment file in order, from its directory and the contents of its blocks: what `SegmentWriter` wrote. A
 * chunk is valid until the next. Throws CorruptSegmentError about `path` where a block has another length or checksum than
 * its entry says, or lies where no writer puts it.
 */
export function* segmentBytes(
  path: string,
  directory: SegmentDirectory,
  directoryBytes: Uint8Array,
  contentOf: (placed: PlacedBlock) => Iterable<Uint8Array>,
): Generator<Uint8Array> {
  const frame = { ...SEGMENT_FRAME, version: directory.formatVersion };
  yield encodeHeader(frame);
  let end = HEADER_BYTES;
  for (const placed of blocksOf(directory)) {
    const { block, column } = placed;
    const fail = (detail: string) =>
      new CorruptSegmentError(path, block.offset, detail, column.name);
    if (block.offset !== end) throw fail(`block "${block.name}" should lie at ${end}`);
    yield* verified(placed, contentOf(placed), fail);
    const padded = paddedLength(block.length);
    yield new Uint8Array(padded - block.length);
    end += padded;
  }
  const footer = encodeFooter(frame, end, directoryBytes);
  if (end + directoryBytes.length + footer.length !== directory.fileSizeBytes) {
    throw new CorruptSegmentError(path, end, 'the file is longer than its blocks');
  }
  yield directoryBytes;
  yield footer;
}

function* verified(
  { block }: PlacedBlock,
  chunks: Iterable<Uint8Array>,
  fail: (detail: string) => Error,
): Generator<Uint8Array> {
  let checksum = 0;
  let length = 0;
  for (const chunk of chunks) {
    checksum = crc32c(chunk, checksum);
    length += chunk.length;
    yield chunk;
  }
  if (length !== block.length || checksum !== block.crc32c) {
    throw fail(`checksum of block "${block.name}" (${block.length} bytes) does not match`);
  }
}

/** The content of a block in chunks of so many bytes, the last one shorter, each valid until the next. */
export function* blockChunks(
  file: ReadFile,
  { offset, length }: BlockEntry,
  chunkBytes: number,
): Generator<Uint8Array> {
  const chunk = new Uint8Array(Math.min(chunkBytes, length));
  for (let at = 0; at < length; at += chunkBytes) {
    const bytes = chunk.subarray(0, Math.min(chunkBytes, length - at));
    file.readInto(bytes, offset + at);
    yield bytes;
  }
}

const VERIFY_BYTES = 1 << 20;

/** Reads all of a segment file and checks it. Throws CorruptSegmentError, or NotFoundError when there is none. */
export function verifySegment(disk: Disk, path: string): void {
  const file = disk.openRead(path);
  try {
    const { version, offset, bytes } = readDirectoryBytes(SEGMENT_FRAME, file, path);
    const directory = decodeDirectory(bytes, offset, file.sizeBytes, path, version);
    const content = ({ block }: PlacedBlock) => blockChunks(file, block, VERIFY_BYTES);
    for (const _ of segmentBytes(path, directory, bytes, content));
  } finally {
    file.close();
  }
}
