import {
  crc32c,
  type Disk,
  type FinishedFile,
  type JsonObject,
  NewFile,
  type ReadFile,
} from '../../core/index.js';
import {
  type BlockSink,
  type IndexChoice,
  STAR_NODES,
  type StarNodes,
  wantedKinds,
  writeNodes,
} from '../../indexes/index.js';
import type { AutoType } from '../../model/index.js';
import type { Encoding } from '../encodings/encoding.js';
import { chooseEncoding, codedEncoding } from '../encodings/registry.js';
import { factsOf, typeOf, type Vector } from '../encodings/vector.js';
import { indexableColumn } from '../indexed-column.js';
import {
  type BlockEntry,
  type ColumnEntry,
  FORMAT_VERSION,
  type IndexEntry,
  rowColumns,
  type SegmentDirectory,
  type TreeEntry,
  type WrittenColumn,
} from './directory.js';
import { encodeDirectory } from './directory-json.js';
import { encodeFooter, encodeHeader, paddedLength, SEGMENT_FRAME } from './frame.js';
import { encodeStats } from './stats.js';

/** What rows are looked for by, unless it is said otherwise: then they have indexes of their values. */
const USUALLY_FOUND: readonly ColumnEntry['role'][] = ['dimension', 'path'];

const usualChoice = (role: ColumnEntry['role']): IndexChoice => ({
  bitmap: USUALLY_FOUND.includes(role),
  kinds: [],
});

/** What the directory says beside the columns. */
export type SegmentHead = Pick<
  SegmentDirectory,
  'rowCount' | 'minTimeMs' | 'maxTimeMs' | 'rollup' | 'queryGranularity' | 'treeChoice'
>;

/** What is told of a column beside its values. */
export interface ColumnOptions {
  readonly aggregator?: JsonObject | null;
  /** Which indexes it shall have; the usual ones when absent, with `none` not even those. */
  readonly indexes?: IndexChoice | 'none' | undefined;
  readonly auto?: AutoType | undefined;
  /** The one to store it with, whatever others would take. */
  readonly encoding?: Encoding | undefined;
}

/** A column of a star-tree. */
export interface TreeColumn {
  readonly name: string;
  readonly role: 'time' | 'dimension' | 'metric';
  readonly aggregator: JsonObject | null;
  readonly vector: Vector;
}

/** A star-tree to be written. Its columns are the dimensions, and others behind them. */
export interface NewTree {
  readonly entry: Omit<TreeEntry, 'columns'>;
  readonly nodes: StarNodes;
  readonly columns: readonly TreeColumn[];
}

export interface WrittenSegment extends FinishedFile {
  /** In stored order. */
  readonly columns: readonly WrittenColumn[];
  /** Absent: none. */
  readonly treeCount?: number;
}

/**
 * Writes one segment file, column by column. Version 2, little-endian:
 *
 *     offset            size  field
 *     0                 8     magic              "VARVESEG"
 *     8                 4     version            u32, = 2
 *     12                52    zero
 *     64                n     block              content of the first block of the first column
 *     64 + n            p     zero padding       p >= 16, up to the next multiple of 64
 *     …                       more blocks, each at a multiple of 64, each padded alike: those of a column, then those
 *                             of its indexes, then the next column's
 *     d                 m     directory          UTF-8 JSON with sorted keys (SegmentDirectory)
 *     d + m             8     directory offset   u64, = d
 *     d + m + 8         4     directory length   u32, = m
 *     d + m + 12        4     directory checksum u32, CRC-32C of bytes [d, d + m)
 *     d + m + 16        4     version            u32, = 2
 *     d + m + 20        4     footer checksum    u32, CRC-32C of bytes [d + m, d + m + 20)
 *     d + m + 24        8     magic              "VARVEEND"
 *
 * The directory holds the CRC-32C of each block's content. Padding carries no information and is
 * never read. What the blocks of a column or an index hold is drawn beside each encoding and kind.
 * Version 1 is the same without indexes. A file that is not durable has none either: it is soon merged.
 */
export class SegmentWriter {
  readonly #file: NewFile;
  readonly #columns: ColumnEntry[] = [];
  readonly #trees: TreeEntry[] = [];

  constructor(
    disk: Disk,
    path: string,
    private readonly durable = true,
  ) {
    this.#file = new NewFile(disk, path, durable);
    this.#file.write(encodeHeader(SEGMENT_FRAME));
  }

  /** Encodes a column and appends its blocks and those of its indexes: the usual ones unless it is said which. */
  column(
    name: string,
    role: ColumnEntry['role'],
    vector: Vector,
    options: ColumnOptions = {},
  ): void {
    this.#columns.push(this.#written(name, role, vector, options));
  }

  /**
   * Appends a star-tree: its columns, none of which has an index but the first, which has the nodes. Call it after all
   * columns of the rows.
   */
  tree(tree: NewTree): void {
    this.#trees.push(this.#writtenTree(tree, () => this.#blocks()));
  }

  /** What the blocks of a star-tree would take in the file. */
  sizeOfTree(tree: NewTree): number {
    let size = 0;
    const sink: BlockSink = {
      block(_, chunks) {
        let length = 0;
        for (const chunk of chunks) length += chunk.length;
        size += paddedLength(length);
      },
    };
    this.#writtenTree(tree, () => ({ blocks: [], sink }));
    return size;
  }

  #writtenTree({ entry, nodes, columns }: NewTree, blocksOf: () => NewBlocks): TreeEntry {
    const entries = columns.map(({ name, role, aggregator, vector }, i) => {
      // What is looked for in a dimension are codes.
      const isDimension = i < entry.dimensions.length;
      const encoding = isDimension ? codedEncoding(vector.kind) : undefined;
      const options = { aggregator, indexes: 'none', encoding } as const;
      const written = this.#written(name, role, vector, options, blocksOf());
      return i === 0 ? { ...written, indexes: [writtenNodes(nodes, blocksOf())] } : written;
    });
    return { ...entry, columns: entries };
  }

  /** Calls `read` with the columns that have been written, and the file that they are in. */
  readBack<T>(read: (file: ReadFile, columns: readonly ColumnEntry[]) => T): T {
    const file = this.#file.readBack();
    try {
      return read(file, this.#columns);
    } finally {
      file.close();
    }
  }

  #written(
    name: string,
    role: ColumnEntry['role'],
    vector: Vector,
    { aggregator = null, indexes: choice, auto, encoding: wanted }: ColumnOptions,
    { blocks, sink }: NewBlocks = this.#blocks(),
  ): ColumnEntry {
    const facts = factsOf(vector);
    const { encoding, runnerUp } =
      wanted === undefined ? chooseEncoding(vector, facts) : { encoding: wanted, runnerUp: null };
    const written = encoding.write(vector, facts, sink);
    const sizeBytes = blocks.reduce((sum, block) => sum + block.length, 0);
    const type = typeOf(vector);
    return {
      name,
      type,
      role,
      multiValue: facts.multiValue,
      encoding: encoding.name,
      parameters: written.parameters,
      ...(auto && { auto }),
      ...(runnerUp !== null && { runnerUp }),
      aggregator,
      blocks,
      indexes: choice === 'none' ? [] : this.#indexes(vector, choice ?? usualChoice(role)),
      ...(choice === undefined || choice === 'none' ? {} : { indexChoice: choice }),
      stats: encodeStats({ ...facts, ...written }, type, sizeBytes),
    };
  }

  /** Writes directory and footer and makes the file durable under its name. */
  finish(head: SegmentHead): WrittenSegment {
    const file = this.#file;
    const directoryOffset = file.offset;
    const columns = this.#columns;
    const trees = this.#trees;
    const directory = encodeDirectory({ formatVersion: FORMAT_VERSION, ...head, columns, trees });
    file.write(directory);
    file.write(encodeFooter(SEGMENT_FRAME, directoryOffset, directory));
    const treeCount = trees.length;
    return {
      ...file.finish(),
      columns: rowColumns(columns),
      ...(treeCount > 0 && { treeCount }),
    };
  }

  /** Gives up: removes the temporary file. */
  abandon(): void {
    this.#file.abandon();
  }

  #indexes(vector: Vector, choice: IndexChoice): IndexEntry[] {
    const column = this.durable ? indexableColumn(vector) : null;
    if (column === null) return [];
    const entries: IndexEntry[] = [];
    for (const kind of wantedKinds(column, choice)) {
      const { blocks, sink } = this.#blocks();
      const parameters = kind.build(column, sink);
      if (parameters !== null) entries.push({ kind: kind.name, parameters, blocks });
    }
    return entries;
  }

  #blocks(): NewBlocks {
    const blocks: BlockEntry[] = [];
    return { blocks, sink: { block: (name, chunks) => blocks.push(this.#block(name, chunks)) } };
  }

  #block(name: string, chunks: Iterable<Uint8Array>): BlockEntry {
    const { offset } = this.#file;
    let checksum = 0;
    for (const chunk of chunks) {
      checksum = crc32c(chunk, checksum);
      this.#file.write(chunk);
    }
    const length = this.#file.offset - offset;
    this.#file.write(new Uint8Array(paddedLength(length) - length));
    return { name, offset, length, crc32c: checksum };
  }
}

/** What is put into the sink becomes blocks. */
interface NewBlocks {
  readonly blocks: BlockEntry[];
  readonly sink: BlockSink;
}

function writtenNodes(nodes: StarNodes, { blocks, sink }: NewBlocks): IndexEntry {
  return { kind: STAR_NODES, parameters: writeNodes(nodes, sink), blocks };
}
