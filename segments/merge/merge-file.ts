import { CorruptSegmentError, crc32c, type Disk, type ReadFile } from '../../core/index.js';
import type { BlockEntry, ColumnEntry, SegmentDirectory } from '../format/directory.js';
import { readSegmentDirectory } from '../format/read-directory.js';

/** What is verified at a time. */
const CHUNK_BYTES = 1 << 16;

/** Files that stay open while they are merged; others are opened for each read. */
const MAX_OPEN = 256;

/** A segment file of which parts are read. */
export class MergeFile {
  readonly #columns: ReadonlyMap<string, ColumnEntry>;
  #open: ReadFile | null;

  private constructor(
    private readonly disk: Disk,
    readonly path: string,
    readonly directory: SegmentDirectory,
    staysOpen: boolean,
  ) {
    this.#columns = new Map(directory.columns.map((entry) => [entry.name, entry]));
    this.#open = staysOpen ? disk.openRead(path) : null;
  }

  get rowCount(): number {
    return this.directory.rowCount;
  }

  column(name: string): ColumnEntry | null {
    return this.#columns.get(name) ?? null;
  }

  /** Fills `target` with bytes of the file. */
  read(target: Uint8Array, offset: number): void {
    if (this.#open !== null) {
      this.#open.readInto(target, offset);
      return;
    }
    const file = this.disk.openRead(this.path);
    try {
      file.readInto(target, offset);
    } finally {
      file.close();
    }
  }

  close(): void {
    this.#open?.close();
    this.#open = null;
  }

  /**
   * Opens files that have rows, in order. Parts are read without their blocks' checksums, so that each block is read
   * through and verified before. Throws CorruptSegmentError.
   */
  static openAll(disk: Disk, paths: readonly string[]): MergeFile[] {
    const files: MergeFile[] = [];
    try {
      for (const path of paths) {
        const directory = readSegmentDirectory(disk, path);
        if (directory.rowCount === 0) continue;
        const file = new MergeFile(disk, path, directory, files.length < MAX_OPEN);
        files.push(file);
        file.#verify();
      }
      return files;
    } catch (error) {
      for (const file of files) file.close();
      throw error;
    }
  }

  #verify(): void {
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (const { name, role, blocks } of this.directory.columns) {
      // Columns of paths are not read.
      if (role === 'path') continue;
      for (const block of blocks) this.#verifyBlock(name, block, chunk);
    }
  }

  #verifyBlock(column: string, block: BlockEntry, chunk: Uint8Array): void {
    let checksum = 0;
    for (let at = 0; at < block.length; at += chunk.length) {
      const part = chunk.subarray(0, Math.min(chunk.length, block.length - at));
      this.read(part, block.offset + at);
      checksum = crc32c(part, checksum);
    }
    if (checksum === block.crc32c) return;
    throw new CorruptSegmentError(
      this.path,
      block.offset,
      `checksum of block "${block.name}" (${block.length} bytes) does not match`,
      column,
    );
  }
}
