/**
 * Reads segment files and their deep-storage form as docs/segments.md says, and as nothing else does: it imports nothing of
 * Varve. Slow and plain; it believes checksums, and what the page says readers may rely on.
 */
import { brotliDecompressSync } from 'node:zlib';
import { decompress as decompressZstd } from 'fzstd';

interface Block {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly crc32c: number;
}

export interface IndexEntry {
  readonly kind: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly blocks: readonly Block[];
}

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly role: string;
  readonly encoding: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly blocks: readonly Block[];
  readonly indexes?: readonly IndexEntry[];
  readonly stats: { readonly hasNulls: boolean };
}

interface Directory {
  readonly formatVersion: number;
  readonly rowCount: number;
  readonly columns: readonly Column[];
  readonly trees?: readonly Tree[];
}

/** A star-tree; its columns have an entry for each record. */
export interface Tree {
  readonly dimensions: readonly { readonly name: string; readonly granularity?: unknown }[];
  readonly rowCount: number;
  readonly columns: readonly (Column & {
    readonly aggregator: { readonly type: string; readonly fieldName?: string } | null;
  })[];
}

/** null, a text, a number, a list of them, or the bytes of a state. */
export type Cell = null | string | number | bigint | Uint8Array | readonly Cell[];

/** The bytes of a block, by its name; null where there is none. */
export type BlockBytes = (name: string) => Uint8Array | null;

export interface ReadSegment {
  readonly directory: Directory;
  /** Of the rows, or of a tree's records. */
  cells(column: Column, tree?: Tree): Cell[];
  /** Null where a deep-storage file leaves the index out. */
  blocks(of: Column | IndexEntry): BlockBytes | null;
}

export function crc32c(...parts: readonly Uint8Array[]): number {
  let crc = 0xffffffff;
  for (const part of parts) {
    for (const byte of part) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
    }
  }
  return ~crc >>> 0;
}

const textOf = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not as docs/segments.md says: ${what}`);
}

/** Unsigned integers of so many bytes. */
export function unsigned(bytes: Uint8Array, width: number): number[] {
  const view = viewOf(bytes);
  return Array.from({ length: bytes.length / width }, (_, i) =>
    width === 1
      ? view.getUint8(i)
      : width === 2
        ? view.getUint16(2 * i, true)
        : view.getUint32(4 * i, true),
  );
}

/** i64, f64 or f32, as `form` says; integers of 53 bits as numbers. */
export function numbers(bytes: Uint8Array, form: 'i64' | 'f64' | 'f32'): (number | bigint)[] {
  const view = viewOf(bytes);
  const width = form === 'f32' ? 4 : 8;
  return Array.from({ length: bytes.length / width }, (_, i) => {
    if (form === 'f64') return view.getFloat64(8 * i, true);
    return form === 'f32' ? view.getFloat32(4 * i, true) : short(view.getBigInt64(8 * i, true));
  });
}

/** Values where they are exact. */
export const short = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value;

function readFrame(file: Uint8Array, head: string, tail: string) {
  expect(textOf(file.subarray(0, 8)) === head, `magic ${head}`);
  const version = viewOf(file).getUint32(8, true);
  expect(
    file.subarray(12, 64).every((byte) => byte === 0),
    'zeros in the header',
  );
  const footer = file.subarray(file.length - 32);
  const view = viewOf(footer);
  const offset = Number(view.getBigUint64(0, true));
  const json = file.subarray(offset, offset + view.getUint32(8, true));
  expect(textOf(footer.subarray(24)) === tail, `magic ${tail}`);
  expect(crc32c(footer.subarray(0, 20)) === view.getUint32(20, true), 'footer checksum');
  expect(crc32c(json) === view.getUint32(12, true), 'directory checksum');
  expect(view.getUint32(16, true) === version, 'versions');
  expect(offset + json.length + 32 === file.length, 'the footer follows the directory');
  return { version, json };
}

const columnsIn = ({ columns, trees = [] }: Directory): Column[] => [
  ...columns,
  ...trees.flatMap((tree) => tree.columns),
];

const blocksIn = (directory: Directory): Block[] =>
  columnsIn(directory).flatMap((column) => [
    ...column.blocks,
    ...(column.indexes ?? []).flatMap((index) => index.blocks),
  ]);

export function readSegmentFile(file: Uint8Array): ReadSegment {
  const { version, json } = readFrame(file, 'VARVESEG', 'VARVEEND');
  const directory = JSON.parse(textOf(json)) as Directory;
  expect(directory.formatVersion === version, 'version of the directory');
  const contents = new Map<Block, Uint8Array>();
  let end = 64;
  for (const block of blocksIn(directory)) {
    const { offset, length } = block;
    expect(offset === end, 'blocks lie one after another');
    end = 64 * Math.ceil((offset + length + 16) / 64);
    expect(
      file.subarray(offset + length, end).every((byte) => byte === 0),
      'zeros behind blocks',
    );
    contents.set(block, file.slice(offset, offset + length));
  }
  return segmentOf(directory, contents);
}

interface PackedDirectory {
  readonly segment: { readonly directoryLength: number };
  readonly blocks: readonly (number | null)[];
  readonly directory: number;
}

export function readPackedFile(file: Uint8Array): ReadSegment {
  const { json } = readFrame(file, 'VARVEPAK', 'VARVEPKE');
  const packed = JSON.parse(textOf(json)) as PackedDirectory;
  const stored = packed.blocks.reduce<number>((sum, size) => sum + (size ?? 0), 64);
  const directoryPages = file.subarray(stored, stored + packed.directory);
  const directory = JSON.parse(textOf(unpackPages(directoryPages, []))) as Directory;
  const blocks = blocksIn(directory);
  const pages = new Map<Block, Uint8Array>();
  let at = 64;
  for (const [i, size] of packed.blocks.entries()) {
    if (size === null) continue;
    pages.set(blocks[i]!, file.subarray(at, at + size));
    at += size;
  }
  const contents = new Map<Block, Uint8Array>();
  for (const of of columnsIn(directory)) {
    for (const block of [of, ...(of.indexes ?? [])].flatMap((each) => each.blocks)) {
      const own = pages.get(block);
      if (own === undefined) continue;
      const name = block.name.replace(/bytes$/, 'offsets');
      const offsets = of.blocks.find((each) => each.name === name && each !== block);
      const cuts = offsets === undefined ? [] : unsigned(unpackPages(pages.get(offsets)!, []), 4);
      contents.set(block, unpackPages(own, cuts));
    }
  }
  return segmentOf(directory, contents);
}

const CONTENT_WIDTHS = [1, 2, 4, 8, 4, 8, 1];

function unpackPages(pages: Uint8Array, offsets: readonly number[]): Uint8Array {
  const plain: Uint8Array[] = [];
  let start = 0;
  for (let at = 0; at < pages.length; ) {
    const [content, arrangement, codec] = pages.subarray(at, at + 4) as unknown as number[];
    const [plainSize, packedSize, storedSize, checksum] = unsigned(pages.slice(at + 4, at + 20), 4);
    const stored = pages.slice(at + 20, at + 20 + storedSize!);
    expect(crc32c(pages.subarray(at, at + 16), stored) === checksum, 'checksum of a page');
    const packed =
      codec === 0 ? stored : codec === 1 ? brotliDecompressSync(stored) : decompressZstd(stored);
    expect(packed.length === packedSize, 'packed size');
    const end = start + plainSize!;
    const cuts = content === 6 ? cutsIn(offsets, start, end) : [];
    plain.push(arranged(packed, arrangement!, CONTENT_WIDTHS[content!]!, plainSize!, cuts));
    start = end;
    at += 20 + storedSize!;
  }
  return new Uint8Array(Buffer.concat(plain));
}

/** Where texts begin in a page, its ends included. */
function cutsIn(offsets: readonly number[], start: number, end: number): number[] {
  const cuts = [0];
  for (const offset of offsets) {
    if (offset > start + cuts.at(-1)! && offset < end) cuts.push(offset - start);
  }
  return [...cuts, end - start];
}

function arranged(
  packed: Uint8Array,
  arrangement: number,
  width: number,
  size: number,
  cuts: readonly number[],
): Uint8Array {
  const count = size / width;
  switch (arrangement) {
    case 0:
      return packed;
    case 1:
    case 2:
    case 3: {
      const entries = fromPlanes(packed, count, width);
      for (let times = 1; times < arrangement; times++) {
        for (let i = 1; i < count; i++) {
          entries[i] = BigInt.asUintN(8 * width, entries[i]! + entries[i - 1]!);
        }
      }
      return toBytes(entries, width);
    }
    case 4: {
      const bits = BigInt(packed[0]!);
      const all = fromPlanes(packed.subarray(1), 1, packed.length - 1)[0]!;
      const entries = Array.from({ length: count }, (_, i) =>
        BigInt.asUintN(Number(bits), all >> (BigInt(i) * bits)),
      );
      return toBytes(entries, width);
    }
    case 5:
      return fromDecimals(packed, count, width);
    default:
      return fromPrefixes(packed, size, cuts);
  }
}

function fromPlanes(planes: Uint8Array, count: number, width: number): bigint[] {
  return Array.from({ length: count }, (_, i) => {
    let hex = '';
    for (let k = width - 1; k >= 0; k--)
      hex += planes[k * count + i]!.toString(16).padStart(2, '0');
    return hex === '' ? 0n : BigInt(`0x${hex}`);
  });
}

function toBytes(entries: readonly bigint[], width: number): Uint8Array {
  const bytes = new Uint8Array(entries.length * width);
  for (const [i, entry] of entries.entries()) {
    for (let k = 0; k < width; k++) bytes[i * width + k] = Number((entry >> BigInt(8 * k)) & 255n);
  }
  return bytes;
}

function fromDecimals(packed: Uint8Array, count: number, width: number): Uint8Array {
  const view = viewOf(packed);
  const [exponent, planes] = [packed[0]!, packed[1]!];
  const exceptions = view.getUint32(4, true);
  const base = view.getFloat64(8, true);
  const values = new Uint8Array(count * width);
  const to = viewOf(values);
  const integers = fromPlanes(packed.subarray(16), count, planes);
  for (const [i, integer] of integers.entries()) {
    const value = (Number(integer) + base) / 10 ** exponent;
    if (width === 8) to.setFloat64(8 * i, value, true);
    else to.setFloat32(4 * i, value, true);
  }
  const rows = 16 + planes * count;
  for (let i = 0; i < exceptions; i++) {
    const from = rows + 4 * exceptions + i * width;
    values.set(packed.subarray(from, from + width), width * view.getUint32(rows + 4 * i, true));
  }
  return values;
}

function fromPrefixes(packed: Uint8Array, size: number, cuts: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(size);
  let from = cuts.length - 1;
  for (let i = 0; i + 1 < cuts.length; i++) {
    const [start, end, shared] = [cuts[i]!, cuts[i + 1]!, packed[i]!];
    const before = cuts[i - 1] ?? 0;
    bytes.copyWithin(start, before, before + shared);
    const own = end - start - shared;
    bytes.set(packed.subarray(from, from + own), start + shared);
    from += own;
  }
  return bytes;
}

function segmentOf(directory: Directory, contents: ReadonlyMap<Block, Uint8Array>): ReadSegment {
  for (const [block, bytes] of contents) {
    expect(bytes.length === block.length && crc32c(bytes) === block.crc32c, `block ${block.name}`);
  }
  const blocks = (of: Column | IndexEntry): BlockBytes | null => {
    if (of.blocks.some((block) => !contents.has(block))) return null;
    return (name) => {
      const block = of.blocks.find((each) => each.name === name);
      return block === undefined ? null : contents.get(block)!;
    };
  };
  const cells = (column: Column, { rowCount }: Pick<Tree, 'rowCount'> = directory) =>
    cellsOf(column, rowCount, blocks(column)!);
  return { directory, cells, blocks };
}

function cellsOf(column: Column, rowCount: number, bytes: BlockBytes): Cell[] {
  const nulls = bytes('nulls');
  const values = valuesOf(column, rowCount, (name) => bytes(name)!);
  return values.map((value, row) =>
    nulls !== null && (nulls[row >> 3]! >> (row & 7)) & 1 ? null : value,
  );
}

function valuesOf(
  { type, encoding, parameters, stats }: Column,
  rowCount: number,
  bytes: (name: string) => Uint8Array,
): Cell[] {
  const [family, form] = encoding.split('.') as [string, string];
  const width = Number(parameters.width);
  const numberForm = family === 'long' ? 'i64' : family === 'double' ? 'f64' : 'f32';
  const byId = (cells: readonly Cell[]) => unsigned(bytes('ids'), width).map((id) => cells[id]!);
  switch (form) {
    case 'constant': {
      const text = String(parameters.value);
      const value = family === 'long' ? short(BigInt(text)) : Number(text);
      return Array.from({ length: rowCount }, () => value);
    }
    case 'delta': {
      const [base, unit] = [BigInt(parameters.base!), BigInt(parameters.unit ?? 1)];
      return unsigned(bytes('deltas'), width).map((delta) => short(base + unit * BigInt(delta)));
    }
    case 'raw':
      return numbers(bytes('values'), numberForm);
    case 'dictionary': {
      if (family === 'string' || family === 'json') return byId(textsOf(bytes, stats.hasNulls));
      const values = numbers(bytes('values'), numberForm);
      const codes = unsigned(bytes('codes'), Number(parameters.size) > 256 ? 2 : 1);
      return codes.map((code) => values[code]!);
    }
    case 'bytes':
      return pieces(bytes('bytes'), unsigned(bytes('offsets'), 4));
    default: {
      const isArray = family === 'array';
      const entries = isArray
        ? elementsOf(type, bytes, parameters.nullElement === 1)
        : textsOf(bytes, parameters.nullText === 1);
      const ids = unsigned(bytes(isArray ? 'lists.items' : 'lists.texts'), 4);
      const offsets = unsigned(bytes('lists.offsets'), 4);
      const lists = offsets.slice(1).map((end, i): Cell => {
        const list = ids.slice(offsets[i], end).map((id) => entries[id]!);
        if (isArray) return i === 0 && parameters.nullList === 1 ? null : list;
        return list.length > 1 ? list : (list[0] ?? null);
      });
      return byId(lists);
    }
  }
}

function elementsOf(type: string, bytes: (name: string) => Uint8Array, hasNull: boolean): Cell[] {
  if (type === 'ARRAY<STRING>') return textsOf(bytes, hasNull);
  const elements = numbers(bytes('elements'), type === 'ARRAY<LONG>' ? 'i64' : 'f64');
  return elements.map((element, i) => (hasNull && i === 0 ? null : element));
}

export const pieces = (bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] =>
  offsets.slice(1).map((end, i) => bytes.subarray(offsets[i], end));

function textsOf(bytes: (name: string) => Uint8Array, hasNull: boolean): Cell[] {
  const offsets = unsigned(bytes('dictionary.offsets'), 4);
  const texts = pieces(bytes('dictionary.bytes'), offsets).map(textOf);
  return texts.map((text, i) => (hasNull && i === 0 ? null : text));
}

/** The records of a tree that answer a query of some dimensions, without conditions. */
export function recordsOf(read: ReadSegment, tree: Tree, isRead: readonly boolean[]): number[] {
  const nodes = tree.columns[0]!.indexes!.find(({ kind }) => kind === 'starNodes')!;
  const block = read.blocks(nodes)!;
  const words = (name: string) => unsigned(block(`star.${name}`)!, 4);
  const [codes, starts, ends] = [words('codes'), words('starts'), words('ends')];
  const [summed, firsts, lasts] = [words('summed'), words('firsts'), words('lasts')];
  const STAR = 2 ** 32 - 1;
  expect(codes.length === nodes.parameters.nodes && codes[0] === STAR, 'nodes');
  const found = (node: number, depth: number): number[] => {
    if (!isRead.includes(true, depth)) return [summed[node]!];
    const [first, last] = [firsts[node]!, lasts[node]!];
    const upTo = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => from + i);
    if (first === last) return upTo(starts[node]!, ends[node]!);
    const hasStar = codes[first] === STAR;
    if (hasStar && !isRead[depth]) return found(first, depth + 1);
    return upTo(hasStar ? first + 1 : first, last).flatMap((child) => found(child, depth + 1));
  };
  return found(0, 0);
}
