import { type Disk, utf8Encode } from '../../core/index.js';
import type { BlockEntry, ColumnEntry, SegmentDirectory, TreeEntry } from '../format/directory.js';
import { readBytes } from '../format/frame.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import { blocksOf, verifySegment } from '../format/segment-bytes.js';
import { describeColumn } from '../format/stats.js';
import { measurePacked } from '../packed/pack.js';
import { PACKED_FRAME, readPackedDirectory } from '../packed/packed-directory.js';
import { verifyPacked } from '../packed/unpack.js';
import { describeTree, type TreeDescription } from '../star/describe-tree.js';
import type { ColumnDescription, ColumnStats, ColumnStorage } from '../types.js';

export interface InspectOptions {
  /** Whether all blocks are read and checked; else only what the directory says is. */
  readonly verify: boolean;
  /** Whether a segment file is packed, to nothing, to tell what that gives. */
  readonly measurePacked: boolean;
}

/** What a segment file, or the deep-storage form of one, says of itself. */
export interface SegmentInspection {
  readonly form: 'segment' | 'packed';
  readonly formatVersion: number;
  readonly rowCount: number;
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  readonly rollup: boolean;
  readonly queryGranularity: unknown;
  /** Of the segment file. */
  readonly sizeBytes: number;
  /** Of its deep-storage form; null where that was not measured. */
  readonly packedBytes: number | null;
  readonly isVerified: boolean;
  readonly columns: readonly ColumnInspection[];
  readonly trees: readonly TreeInspection[];
}

export interface TreeInspection extends TreeDescription {
  /** 0 to 1, of the segment file. */
  readonly share: number;
  readonly packedBytes: number | null;
}

export interface ColumnInspection
  extends Omit<ColumnDescription, 'stats' | 'storage'>,
    ColumnStats,
    Omit<ColumnStorage, 'indexes'> {
  /** Of the column alone, without its indexes. */
  readonly packedBytes: number | null;
  readonly indexes: readonly IndexInspection[];
}

export interface IndexInspection {
  readonly kind: string;
  readonly sizeBytes: number;
  /** 0 where it is left out, to be made anew when the file is unpacked. */
  readonly packedBytes: number | null;
}

/**
 * Reads either form of a segment. Throws CorruptSegmentError where something of it that is read is damaged, NotFoundError
 * when there is no such file.
 */
export function inspectSegment(
  disk: Disk,
  path: string,
  { verify, measurePacked: measure }: InspectOptions,
): SegmentInspection {
  if (isPacked(disk, path)) {
    if (verify) verifyPacked(disk, path);
    return inspectPacked(disk, path, verify);
  }
  const directory = readSegmentDirectory(disk, path);
  if (verify) verifySegment(disk, path);
  const packed = measure ? measurePacked(disk, path) : null;
  const sizes = packed === null ? null : sizesOf(directory, packed.blocks);
  return {
    ...inspected(directory, sizes),
    form: 'segment',
    packedBytes: packed?.sizeBytes ?? null,
    isVerified: verify,
  };
}

function isPacked(disk: Disk, path: string): boolean {
  const file = disk.openRead(path);
  try {
    const magic = utf8Encode(PACKED_FRAME.head);
    if (file.sizeBytes < magic.length) return false;
    return readBytes(file, 0, magic.length).every((byte, i) => byte === magic[i]);
  } finally {
    file.close();
  }
}

function inspectPacked(disk: Disk, path: string, isVerified: boolean): SegmentInspection {
  const file = disk.openRead(path);
  try {
    const { directory, ranges } = readPackedDirectory(file, path);
    const sizes = new Map(Array.from(ranges, ([block, range]) => [block, range?.length ?? 0]));
    const packedBytes = file.sizeBytes;
    return { ...inspected(directory, sizes), form: 'packed', packedBytes, isVerified };
  } finally {
    file.close();
  }
}

/** Bytes by block in the deep-storage form. */
type PackedBytes = ReadonlyMap<BlockEntry, number>;

const sizesOf = (directory: SegmentDirectory, lengths: readonly (number | null)[]): PackedBytes =>
  new Map(blocksOf(directory).map(({ block }, i) => [block, lengths[i] ?? 0]));

function inspected(
  directory: SegmentDirectory,
  packed: PackedBytes | null,
): Omit<SegmentInspection, 'form' | 'packedBytes' | 'isVerified'> {
  const { formatVersion, rowCount, minTimeMs, maxTimeMs, rollup, queryGranularity } = directory;
  return {
    formatVersion,
    rowCount,
    minTimeMs,
    maxTimeMs,
    rollup,
    queryGranularity,
    sizeBytes: directory.fileSizeBytes,
    columns: directory.columns.map((column) => inspectColumn(column, packed)),
    trees: directory.trees.map((tree) => inspectTree(tree, directory.fileSizeBytes, packed)),
  };
}

function inspectTree(
  tree: TreeEntry,
  fileSizeBytes: number,
  packed: PackedBytes | null,
): TreeInspection {
  const described = describeTree(tree);
  const blocks = blocksOf({ columns: [], trees: [tree] }).map(({ block }) => block);
  const share = described.sizeBytes / fileSizeBytes;
  return { ...described, share, packedBytes: packedBytesOf(blocks, packed) };
}

const packedBytesOf = (blocks: readonly BlockEntry[], packed: PackedBytes | null): number | null =>
  packed && blocks.reduce((sum, block) => sum + packed.get(block)!, 0);

function inspectColumn(entry: ColumnEntry, packed: PackedBytes | null): ColumnInspection {
  const { stats, storage, ...description } = describeColumn(entry);
  return {
    ...description,
    ...stats,
    ...storage,
    packedBytes: packedBytesOf(entry.blocks, packed),
    indexes: storage.indexes.map((index, i) => ({
      ...index,
      packedBytes: packedBytesOf(entry.indexes[i]!.blocks, packed),
    })),
  };
}
