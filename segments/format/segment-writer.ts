import { crc32c, type Disk, type JsonObject, Sha256, type WriteFile } from '../../core/index.js';
import type { BlockSink } from '../encodings/encoding.js';
import { narrowestEncoding } from '../encodings/registry.js';
import { factsOf, typeOf, type Vector } from '../encodings/vector.js';
import {
  type BlockEntry,
  type ColumnEntry,
  FORMAT_VERSION,
  type SegmentDirectory,
} from './directory.js';
import { encodeDirectory } from './directory-json.js';
import { BLOCK_ALIGNMENT, BLOCK_PADDING, encodeFooter, encodeHeader } from './frame.js';
import { encodeStats } from './stats.js';

/** What is written in one call, if it is not larger by itself. */
const BUFFER_BYTES = 1 << 16;

/** What the directory says beside the columns. */
export type SegmentHead = Pick<
  SegmentDirectory,
  'rowCount' | 'minTimeMs' | 'maxTimeMs' | 'rollup' | 'queryGranularity'
>;

/** A column as it was written. */
export type WrittenColumn = Pick<ColumnEntry, 'name' | 'type' | 'role' | 'multiValue'>;

export interface WrittenSegment {
  readonly sizeBytes: number;
  readonly sha256: string;
  /** In stored order. */
  readonly columns: readonly WrittenColumn[];
}

/**
 * Writes one segment file, column by column. Version 1, little-endian:
 *
 *     offset            size  field
 *     0                 8     magic              "VARVESEG"
 *     8                 4     version            u32, = 1
 *     12                52    zero
 *     64                n     block              content of the first block of the first column
 *     64 + n            p     zero padding       p >= 16, up to the next multiple of 64
 *     …                       more blocks, each at a multiple of 64, each padded alike
 *     d                 m     directory          UTF-8 JSON with sorted keys (SegmentDirectory)
 *     d + m             8     directory offset   u64, = d
 *     d + m + 8         4     directory length   u32, = m
 *     d + m + 12        4     directory checksum u32, CRC-32C of bytes [d, d + m)
 *     d + m + 16        4     version            u32, = 1
 *     d + m + 20        4     footer checksum    u32, CRC-32C of bytes [d + m, d + m + 20)
 *     d + m + 24        8     magic              "VARVEEND"
 *
 * The directory holds the CRC-32C of each block's content. Padding carries no information and is
 * never read. What the blocks of a column hold is drawn beside each encoding.
 *
 * The file has a temporary name until `finish`, which syncs, renames and syncs the directory; a
 * crash before leaves `<path>.tmp`, which nobody reads. A file that is not `durable` is not synced.
 */
export class SegmentWriter {
  readonly #file: WriteFile;
  readonly #temporary: string;
  readonly #columns: ColumnEntry[] = [];
  readonly #hash = new Sha256();
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #buffered = 0;
  /** Of the next byte. */
  #offset = 0;
  #open = true;

  constructor(
    private readonly disk: Disk,
    private readonly path: string,
    private readonly durable = true,
  ) {
    this.#temporary = `${path}.tmp`;
    this.#file = disk.create(this.#temporary);
    this.#write(encodeHeader());
  }

  /** Encodes a column and appends its blocks. */
  column(
    name: string,
    role: ColumnEntry['role'],
    vector: Vector,
    aggregator: JsonObject | null = null,
  ): void {
    const facts = factsOf(vector);
    const encoding = narrowestEncoding(vector, facts);
    const blocks: BlockEntry[] = [];
    const sink: BlockSink = { block: (block, chunks) => blocks.push(this.#block(block, chunks)) };
    const { parameters, hasNulls } = encoding.write(vector, facts, sink);
    const sizeBytes = blocks.reduce((sum, block) => sum + block.length, 0);
    const type = typeOf(vector);
    this.#columns.push({
      name,
      type,
      role,
      multiValue: facts.multiValue,
      encoding: encoding.name,
      parameters,
      aggregator,
      blocks,
      stats: encodeStats(facts, type, hasNulls, sizeBytes),
    });
  }

  /** Writes directory and footer and makes the file durable under its name. */
  finish(head: SegmentHead): WrittenSegment {
    const directoryOffset = this.#offset;
    const columns = this.#columns;
    const directory = encodeDirectory({ formatVersion: FORMAT_VERSION, ...head, columns });
    this.#write(directory);
    const directoryLength = directory.length;
    const directoryCrc32c = crc32c(directory);
    this.#write(encodeFooter({ directoryOffset, directoryLength, directoryCrc32c }));
    this.#flush();
    if (this.durable) this.#file.sync();
    this.#close();
    const sha256 = this.#hash.hex();
    this.disk.rename(this.#temporary, this.path);
    if (this.durable) {
      this.disk.syncDirectory(this.path.slice(0, this.path.lastIndexOf('/')) || '/');
    }
    const written = columns.map(({ name, type, role, multiValue }) => ({
      name,
      type,
      role,
      multiValue,
    }));
    return { sizeBytes: this.#offset, sha256, columns: written };
  }

  /** Gives up: removes the temporary file. */
  abandon(): void {
    this.#close();
    this.disk.remove(this.#temporary);
  }

  #close(): void {
    if (this.#open) this.#file.close();
    this.#open = false;
  }

  #block(name: string, chunks: Iterable<Uint8Array>): BlockEntry {
    const offset = this.#offset;
    let checksum = 0;
    for (const chunk of chunks) {
      checksum = crc32c(chunk, checksum);
      this.#write(chunk);
    }
    const length = this.#offset - offset;
    const padded = Math.ceil((length + BLOCK_PADDING) / BLOCK_ALIGNMENT) * BLOCK_ALIGNMENT;
    this.#write(new Uint8Array(padded - length));
    return { name, offset, length, crc32c: checksum };
  }

  #write(bytes: Uint8Array): void {
    this.#offset += bytes.length;
    if (this.#buffered + bytes.length > BUFFER_BYTES) this.#flush();
    if (bytes.length > BUFFER_BYTES) this.#put(bytes);
    else {
      this.#buffer.set(bytes, this.#buffered);
      this.#buffered += bytes.length;
    }
  }

  #flush(): void {
    if (this.#buffered > 0) this.#put(this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }

  #put(bytes: Uint8Array): void {
    this.#hash.add(bytes);
    this.#file.write(bytes);
  }
}
