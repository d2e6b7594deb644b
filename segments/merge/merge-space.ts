import type { Disk } from '../../core/index.js';
import { SpillFile } from './spill-file.js';

const MIN_BUFFER_BYTES = 512;
const MAX_BUFFER_BYTES = 1 << 16;

/** Where a merge keeps what it works with: shares of a budget of memory, and temporary files. */
export class MergeSpace {
  readonly #files = new Set<SpillFile>();
  #fileCount = 0;
  #remapBytes: number;

  constructor(
    private readonly disk: Disk,
    private readonly directory: string,
    private readonly memoryBytes: number,
  ) {
    this.#remapBytes = memoryBytes / 4;
    disk.makeDirectory(directory);
  }

  /** Of one of several streams that are read at the same time. */
  bufferBytes(streams: number): number {
    const share = Math.floor(this.memoryBytes / 8 / streams);
    return Math.min(MAX_BUFFER_BYTES, Math.max(MIN_BUFFER_BYTES, share));
  }

  /** For what is read of files in one step. */
  get windowBytes(): number {
    return Math.floor(this.memoryBytes / 4);
  }

  /** For ranks of dictionary ids that do not stay. */
  get dictionaryBytes(): number {
    return Math.floor(this.memoryBytes / 4);
  }

  /** Of the keys of all rows that wait to be merged. */
  get keyBytes(): number {
    return Math.floor(this.memoryBytes / 4);
  }

  /** Input rows that are looked at in one step: about 40 bytes each. */
  get blockRows(): number {
    return Math.max(1024, Math.min(1 << 16, Math.floor(this.memoryBytes / 8 / 40)));
  }

  /** Rows of an output file: a column takes up to 24 bytes of each while it is written. */
  get maxRows(): number {
    return Math.max(1024, Math.floor(this.memoryBytes / 2 / 24));
  }

  /** Whether dictionary ids of so many bytes may stay in memory; they count until the merge ends. */
  keeps(bytes: number): boolean {
    if (bytes > this.#remapBytes) return false;
    this.#remapBytes -= bytes;
    return true;
  }

  spill(): SpillFile {
    const file = new SpillFile(this.disk, `${this.directory}/${this.#fileCount++}.spill`);
    this.#files.add(file);
    return file;
  }

  /** Removes all temporary files. */
  close(): void {
    for (const file of this.#files) file.remove();
    this.#files.clear();
    this.disk.removeTree(this.directory);
  }

  /** The same after a failure, which is what the caller must hear of; start-up removes what is left. */
  discard(): void {
    try {
      this.close();
    } catch {}
  }
}
