import {
  type Codec,
  type Disk,
  type FinishedFile,
  NewFile,
  PREFERRED_CODEC,
  type ReadFile,
  Sha256,
} from '../../core/index.js';
import { STAR_NODES } from '../../indexes/index.js';
import type { Content } from '../encodings/content.js';
import { encodingNamed } from '../encodings/registry.js';
import { decodeDirectory } from '../format/directory-json.js';
import { encodeFooter, encodeHeader, readDirectoryBytes, SEGMENT_FRAME } from '../format/frame.js';
import { blockChunks, type PlacedBlock, segmentBytes } from '../format/segment-bytes.js';
import { IndexRebuilder } from './index-rebuilder.js';
import { encodePackedDirectory, PACKED_FRAME } from './packed-directory.js';
import { PAGE_BYTES } from './page.js';
import { PagePacker } from './page-packer.js';
import { offsetsOf, TextCuts, wordsOf } from './text-cuts.js';

export interface PackOptions {
  /** Chosen by what this Node has, unless told. */
  readonly codec?: Codec;
  /** False for a file that need not outlive the process. */
  readonly durable?: boolean;
}

/**
 * Writes the deep-storage form of a segment file: the same blocks in compressed pages. Little-endian:
 *
 *     offset  size  field
 *     0       64    header, as of a segment file, but magic "VARVEPAK" and version 1
 *     64      …     the pages of all blocks, in the order of the segment file: of each block one page (see `page.ts`) for
 *                   every PAGE_BYTES of its content, the last one for what is left; no padding
 *     …       …     the pages of the segment file's directory, likewise
 *     d       m     directory, UTF-8 JSON (see `packed-directory.ts`)
 *     d + m   32    footer, as of a segment file, but magic "VARVEPKE" and version 1
 *
 * Every block is verified while it is read. The SHA-256 of the segment file goes into the directory, so that whoever
 * unpacks can tell that all of it came back. Indexes are left out that come out the same when they are built again. Needs
 * memory for a few pages, and where there are indexes for a column.
 *
 * Errors  CorruptSegmentError where the segment file is damaged, NotFoundError where there is none.
 */
export function packSegment(
  disk: Disk,
  path: string,
  packedPath: string,
  { codec = PREFERRED_CODEC, durable = true }: PackOptions = {},
): FinishedFile {
  const source = disk.openRead(path);
  try {
    const target = new NewFile(disk, packedPath, durable);
    try {
      new Packer(source, path, target, codec).run();
      return target.finish();
    } catch (error) {
      target.abandon();
      throw error;
    }
  } finally {
    source.close();
  }
}

/** What packing a segment file would give. */
export interface PackedSizes {
  readonly sizeBytes: number;
  /** Of the pages of each block, in their order. */
  readonly blocks: readonly (number | null)[];
}

/** Packs a segment file into nothing. Every block is verified on the way: errors as of `packSegment`. */
export function measurePacked(disk: Disk, path: string): PackedSizes {
  const source = disk.openRead(path);
  try {
    const target = {
      offset: 0,
      write(bytes: Uint8Array) {
        target.offset += bytes.length;
      },
    };
    const blocks = new Packer(source, path, target, PREFERRED_CODEC).run();
    return { sizeBytes: target.offset, blocks };
  } finally {
    source.close();
  }
}

class Packer {
  constructor(
    private readonly source: ReadFile,
    private readonly path: string,
    private readonly target: Pick<NewFile, 'offset' | 'write'>,
    private readonly codec: Codec,
  ) {}

  /** The bytes of the pages of each block; null for one that is left out. */
  run(): readonly (number | null)[] {
    const { source, path, target } = this;
    const { version, offset, bytes } = readDirectoryBytes(SEGMENT_FRAME, source, path);
    const directory = decodeDirectory(bytes, offset, source.sizeBytes, path, version);
    target.write(encodeHeader(PACKED_FRAME));
    const blocks: (number | null)[] = [];
    const hash = new Sha256();
    const indexes = new IndexRebuilder(directory);
    const content = (placed: PlacedBlock) => {
      const rebuilt = indexes.rebuild(placed);
      if (rebuilt === null) return indexes.keep(placed, this.#packBlock(placed, blocks));
      blocks.push(null);
      return [rebuilt];
    };
    for (const chunk of segmentBytes(path, directory, bytes, content)) hash.add(chunk);
    const segment = {
      formatVersion: version,
      sizeBytes: source.sizeBytes,
      sha256: hash.hex(),
      directoryLength: bytes.length,
    };
    const stored = { segment, blocks, directory: this.#packDirectory(bytes) };
    const packedDirectory = encodePackedDirectory(stored);
    const footer = encodeFooter(PACKED_FRAME, target.offset, packedDirectory);
    target.write(packedDirectory);
    target.write(footer);
    return blocks;
  }

  /** The content of a block, page by page; when they have all been taken, its packed pages are written. */
  *#packBlock(placed: PlacedBlock, lengths: (number | null)[]): Generator<Uint8Array> {
    const start = this.target.offset;
    const content = contentOf(placed);
    const offsets = content === 'texts' ? offsetsOf(placed.block, placed.column) : undefined;
    const cuts =
      offsets === undefined
        ? null
        : new TextCuts(wordsOf(blockChunks(this.source, offsets, PAGE_BYTES)));
    const packer = new PagePacker(this.codec);
    let at = 0;
    for (const bytes of blockChunks(this.source, placed.block, PAGE_BYTES)) {
      const end = at + bytes.length;
      this.target.write(packer.pack({ content, bytes, cuts: cuts?.take(at, end) ?? [] }));
      yield bytes;
      at = end;
    }
    lengths.push(this.target.offset - start);
  }

  /** The bytes of its pages. */
  #packDirectory(bytes: Uint8Array): number {
    const start = this.target.offset;
    const packer = new PagePacker(this.codec);
    for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
      const page = bytes.slice(at, at + PAGE_BYTES);
      this.target.write(packer.pack({ content: 'u8', bytes: page, cuts: [] }));
    }
    return this.target.offset - start;
  }
}

/** What packing knows of a block. */
function contentOf({ block, column, index }: PlacedBlock): Content {
  // Of a column of rows nobody has checked whether they are nodes.
  if (index !== null) return index.kind === STAR_NODES && block.length % 4 === 0 ? 'u32' : 'u8';
  return encodingNamed(column.encoding)?.contents?.(column)[block.name] ?? 'u8';
}
