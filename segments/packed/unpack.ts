import {
  CorruptSegmentError,
  type Disk,
  type FinishedFile,
  InternalError,
  NewFile,
  type ReadFile,
  Sha256,
} from '../../core/index.js';
import type { BlockEntry } from '../format/directory.js';
import { type PlacedBlock, segmentBytes } from '../format/segment-bytes.js';
import { IndexRebuilder } from './index-rebuilder.js';
import { type PackedDirectory, type PackedRange, readPackedDirectory } from './packed-directory.js';
import { readPages } from './stored-pages.js';
import { offsetsOf, TextCuts, wordsOf } from './text-cuts.js';

/**
 * Writes the segment file that was packed, byte for byte. Everything is verified on the way, the SHA-256 of the whole before
 * the file gets its name. Indexes that were left out are built again. Needs memory for a few pages, and where there are
 * indexes for a column.
 *
 * Errors  CorruptSegmentError where the packed file is damaged, NotFoundError where there is none. There is no segment
 *         file then.
 */
export function unpackSegment(
  disk: Disk,
  packedPath: string,
  path: string,
  durable = true,
): FinishedFile {
  const source = disk.openRead(packedPath);
  try {
    const packed = readPackedDirectory(source, packedPath);
    const target = new NewFile(disk, path, durable);
    try {
      for (const chunk of unpackedBytes(source, packedPath, packed)) target.write(chunk);
      return target.finish(({ sha256 }) => checkSha256(packedPath, packed, sha256));
    } catch (error) {
      target.abandon();
      throw error;
    }
  } finally {
    source.close();
  }
}

/** All bytes of the segment file, verified block by block. */
function unpackedBytes(
  source: ReadFile,
  packedPath: string,
  packed: PackedDirectory,
): Generator<Uint8Array> {
  const { directory, directoryBytes } = packed;
  const pagesOf = (block: BlockEntry, cuts: TextCuts | null) =>
    readPages(source, packedPath, rangeOf(packed, block), block.length, cuts);
  const indexes = new IndexRebuilder(directory);
  const contentOf = (placed: PlacedBlock) => {
    const { block, column, index } = placed;
    if (packed.ranges.get(block) === null) return [rebuilt(packedPath, indexes, placed)];
    const offsets = index === null ? offsetsOf(block, column) : undefined;
    // Pages that are not texts ask for no cuts, and then nothing is read for them.
    const cuts = offsets === undefined ? null : new TextCuts(wordsOf(pagesOf(offsets, null)));
    return indexes.keep(placed, pagesOf(block, cuts));
  };
  return segmentBytes(packedPath, directory, directoryBytes, contentOf);
}

function rebuilt(path: string, indexes: IndexRebuilder, placed: PlacedBlock): Uint8Array {
  const bytes = indexes.rebuild(placed);
  if (bytes !== null) return bytes;
  const { block, column, index } = placed;
  const detail = `index "${index?.kind}" does not come out as it was`;
  throw new CorruptSegmentError(path, block.offset, detail, column.name);
}

function rangeOf({ ranges }: PackedDirectory, block: BlockEntry): PackedRange {
  const range = ranges.get(block);
  if (range === undefined || range === null) throw new InternalError(`no pages of ${block.name}`);
  return range;
}

/** Unpacks into nothing: errors as of `unpackSegment`. */
export function verifyPacked(disk: Disk, packedPath: string): void {
  const source = disk.openRead(packedPath);
  try {
    const packed = readPackedDirectory(source, packedPath);
    const hash = new Sha256();
    for (const chunk of unpackedBytes(source, packedPath, packed)) hash.add(chunk);
    checkSha256(packedPath, packed, hash.hex());
  } finally {
    source.close();
  }
}

function checkSha256(path: string, { segment }: PackedDirectory, sha256: string): void {
  if (sha256 === segment.sha256) return;
  const detail = `what was unpacked has SHA-256 ${sha256}, want ${segment.sha256}`;
  throw new CorruptSegmentError(path, 0, detail);
}
