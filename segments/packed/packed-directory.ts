import { z } from 'zod';
import {
  CorruptSegmentError,
  parseJson,
  type ReadFile,
  stringifyJson,
  utf8Decode,
  utf8Encode,
} from '../../core/index.js';
import { type BlockEntry, FORMAT_VERSION, type SegmentDirectory } from '../format/directory.js';
import { decodeDirectory } from '../format/directory-json.js';
import { FOOTER_BYTES, type Frame, HEADER_BYTES, readDirectoryBytes } from '../format/frame.js';
import { blocksOf } from '../format/segment-bytes.js';
import { isRebuilt } from './index-rebuilder.js';
import { PAGE_BYTES, PAGE_HEADER_BYTES } from './page.js';
import { readPages } from './stored-pages.js';

export const PACKED_FRAME: Frame = { head: 'VARVEPAK', tail: 'VARVEPKE', version: 1 };

/** What is stored of a packed file's directory: JSON with its keys in this order. */
interface StoredDirectory {
  readonly segment: SegmentFacts;
  /** Bytes of the pages of each block, in their order; null for one that is made anew from its column. */
  readonly blocks: readonly (number | null)[];
  /** Bytes of the pages of the segment file's directory. */
  readonly directory: number;
}

/** The segment file that was packed. */
export interface SegmentFacts {
  readonly formatVersion: number;
  readonly sizeBytes: number;
  /** Of the whole file, lower-case hexadecimal. */
  readonly sha256: string;
  readonly directoryLength: number;
}

/** Pages of a packed file that belong together. */
export interface PackedRange {
  readonly offset: number;
  readonly length: number;
}

/** What a packed file says of itself. */
export interface PackedDirectory {
  readonly segment: SegmentFacts;
  /** The segment file's directory, as bytes and read. */
  readonly directoryBytes: Uint8Array;
  readonly directory: SegmentDirectory;
  /** Where each block's pages are; null for one that is made anew from its column. */
  readonly ranges: ReadonlyMap<BlockEntry, PackedRange | null>;
}

export const encodePackedDirectory = (directory: StoredDirectory): Uint8Array =>
  utf8Encode(stringifyJson(directory));

/** What is read of a directory at once: pages may hold a thousand times what they take. */
const MOST_DIRECTORY_BYTES = 2 ** 28;

const size = z.int().min(0);

const storedDirectory = z.strictObject({
  segment: z.strictObject({
    formatVersion: z.int().min(1).max(FORMAT_VERSION),
    sizeBytes: size,
    sha256: z.string(),
    directoryLength: size.max(MOST_DIRECTORY_BYTES),
  }),
  blocks: z.array(size.nullable()),
  directory: size,
});

/** Reads and checks all of a packed file but the pages of its blocks. Throws CorruptSegmentError. */
export function readPackedDirectory(
  file: ReadFile,
  path: string,
  readBytes = readDirectoryBytes,
): PackedDirectory {
  const { bytes, offset } = readBytes(PACKED_FRAME, file, path);
  const fail = (detail: string) => new CorruptSegmentError(path, offset, detail);
  const stored = parseStored(bytes, fail);
  const { segment } = stored;
  const ranges = rangesOf(stored, offset, fail);
  const directoryRange = ranges.pop() as PackedRange;
  checkLength({ name: 'directory', length: segment.directoryLength }, directoryRange, fail);
  const directoryBytes = wholeOf(
    readPages(file, path, directoryRange, segment.directoryLength),
    segment.directoryLength,
  );
  const directory = decodeDirectory(
    directoryBytes,
    segment.sizeBytes - FOOTER_BYTES - segment.directoryLength,
    segment.sizeBytes,
    path,
    segment.formatVersion,
  );
  const blocks = blocksOf(directory);
  if (blocks.length !== ranges.length) throw fail(`${ranges.length} blocks, want ${blocks.length}`);
  for (const [i, placed] of blocks.entries()) {
    const range = ranges[i]!;
    if (range !== null) checkLength(placed.block, range, fail);
    else if (!isRebuilt(placed)) throw fail(`block "${placed.block.name}" is left out`);
  }
  return {
    segment,
    directoryBytes,
    directory,
    ranges: new Map(blocks.map(({ block }, i) => [block, ranges[i]!])),
  };
}

function parseStored(bytes: Uint8Array, fail: (detail: string) => Error): StoredDirectory {
  let json: unknown;
  try {
    json = parseJson(utf8Decode(bytes));
  } catch {
    throw fail('the directory is not JSON');
  }
  const parsed = storedDirectory.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw fail(`directory field ${issue?.path.join('.')}: ${issue?.message}`);
}

/** The ranges of the blocks, then that of the directory: one behind the other, from the header to `end`. */
function rangesOf(
  { blocks, directory }: StoredDirectory,
  end: number,
  fail: (detail: string) => Error,
): (PackedRange | null)[] {
  let offset = HEADER_BYTES;
  const ranges = [...blocks, directory].map((length) => {
    if (length === null) return null;
    const range = { offset, length };
    offset += length;
    return range;
  });
  if (offset !== end) throw fail(`the pages end at ${offset}, the directory begins at ${end}`);
  return ranges;
}

/** Whoever makes room for a block can trust that it is there, page by page. */
function checkLength(
  { name, length }: Pick<BlockEntry, 'name' | 'length'>,
  range: PackedRange,
  fail: (detail: string) => Error,
): void {
  const least = Math.ceil(length / PAGE_BYTES) * PAGE_HEADER_BYTES;
  if (range.length < least) throw fail(`block "${name}" has too few pages`);
}

function wholeOf(pages: Iterable<Uint8Array>, length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const page of pages) {
    whole.set(page, at);
    at += page.length;
  }
  return whole;
}
