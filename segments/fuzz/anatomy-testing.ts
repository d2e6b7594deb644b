import {
  crc32c,
  parseJson,
  type SeededRandom,
  stringifyJson,
  utf8Decode,
  utf8Encode,
} from '../../core/index.js';
import {
  encodeFooter,
  encodeHeader,
  type Frame,
  HEADER_BYTES,
  paddedLength,
  readDirectoryBytes,
  SEGMENT_FRAME,
} from '../format/frame.js';
import { PACKED_FRAME } from '../packed/packed-directory.js';
import { PAGE_HEADER_BYTES } from '../packed/page.js';
import { below, mutateBytes, mutateJson } from './mutate-testing.js';
import { diskWith } from './read-all-testing.js';

/** JSON that may be changed in any place. */
export type Loose = { [key: string]: Loose } | Loose[] | string | number | bigint | boolean | null;

interface LooseBlock {
  readonly name: string;
  offset: number;
  length: number;
  crc32c: number;
}

interface LooseColumns {
  readonly columns: { blocks: LooseBlock[]; indexes: { blocks: LooseBlock[] }[] }[];
}

interface LooseDirectory extends LooseColumns {
  readonly trees?: LooseColumns[];
}

/** A segment file apart, so that its pieces can be changed and put together again with good checksums. */
interface Anatomy {
  readonly directory: Loose;
  /** Of all blocks, in the order of the directory. */
  readonly contents: Uint8Array[];
}

const openBytes = (bytes: Uint8Array) => diskWith(bytes).openRead('/s');

/** Where the directory says that blocks are. */
function blocksOf(directory: Loose): LooseBlock[] {
  const { columns, trees = [] } = directory as unknown as LooseDirectory;
  return [{ columns }, ...trees].flatMap((each) =>
    each.columns.flatMap(({ blocks, indexes }) => [
      ...blocks,
      ...indexes.flatMap((index) => index.blocks),
    ]),
  );
}

function dissect(bytes: Uint8Array): Anatomy {
  const found = readDirectoryBytes(SEGMENT_FRAME, openBytes(bytes), '/s');
  const directory = parseJson(utf8Decode(found.bytes)) as Loose;
  const contents = blocksOf(directory).map(({ offset, length }) =>
    bytes.slice(offset, offset + length),
  );
  return { directory, contents };
}

/** Blocks one after another as they are now, and where they lie and their checksums in the directory. */
function layOut({ directory, contents }: Anatomy): void {
  let offset = HEADER_BYTES;
  for (const [i, block] of blocksOf(directory).entries()) {
    const content = contents[i]!;
    Object.assign(block, { offset, length: content.length, crc32c: crc32c(content) });
    offset += paddedLength(content.length);
  }
}

/** A file of the contents, each where a writer would put it, whatever the directory says of them. */
function assemble({ directory, contents }: Anatomy): Uint8Array {
  const padded = contents.map((content) => {
    const block = new Uint8Array(paddedLength(content.length));
    block.set(content);
    return block;
  });
  return framed(SEGMENT_FRAME, padded, directory);
}

/** For tests: a segment file with something else in one block, and good checksums. */
export function withOtherBlock(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const anatomy = dissect(bytes);
  const at = below(random, anatomy.contents.length);
  anatomy.contents[at] = mutateBytes(anatomy.contents[at]!, random);
  layOut(anatomy);
  return assemble(anatomy);
}

/** For tests: a segment file with its first block of a name changed, and good checksums. */
export function withChangedBlock(
  bytes: Uint8Array,
  name: string,
  change: (content: Uint8Array) => void,
): Uint8Array {
  const anatomy = dissect(bytes);
  change(anatomy.contents[blocksOf(anatomy.directory).findIndex((block) => block.name === name)]!);
  layOut(anatomy);
  return assemble(anatomy);
}

/** For tests: a segment file whose directory says something else in a place or two, and good checksums. */
export function withOtherDirectory(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const anatomy = dissect(bytes);
  for (let count = 1 + below(random, 2); count > 0; count--) {
    mutateJson(anatomy.directory, random);
  }
  return assemble(anatomy);
}

function framed(frame: Frame, body: readonly Uint8Array[], directory: Loose): Uint8Array {
  const json = utf8Encode(stringifyJson(directory));
  const offset = body.reduce((sum, { length }) => sum + length, HEADER_BYTES);
  return Buffer.concat([encodeHeader(frame), ...body, json, encodeFooter(frame, offset, json)]);
}

/** For tests: a file in the deep-storage form apart: its own directory, and its pages in order. */
export interface PackedAnatomy {
  readonly directory: Loose;
  readonly pages: Uint8Array[];
}

export function dissectPacked(bytes: Uint8Array): PackedAnatomy {
  const { bytes: json, offset } = readDirectoryBytes(PACKED_FRAME, openBytes(bytes), '/s');
  const pages: Uint8Array[] = [];
  for (let at = HEADER_BYTES; at < offset; ) {
    const stored = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(12, true);
    pages.push(bytes.slice(at, at + PAGE_HEADER_BYTES + stored));
    at += PAGE_HEADER_BYTES + stored;
  }
  return { directory: parseJson(utf8Decode(json)) as Loose, pages };
}

/** Pages get good checksums, whatever they say. */
export function assemblePacked({ directory, pages }: PackedAnatomy): Uint8Array {
  for (const page of pages) {
    if (page.length < PAGE_HEADER_BYTES) continue;
    const checksum = crc32c(page.subarray(PAGE_HEADER_BYTES), crc32c(page.subarray(0, 16)));
    new DataView(page.buffer, page.byteOffset).setUint32(16, checksum, true);
  }
  return framed(PACKED_FRAME, pages, directory);
}
