import type { Disk, ReadFile, WriteFile } from './disk.js';
import { Sha256 } from './sha256.js';

/** What is written in one call, if it is not larger by itself. */
const BUFFER_BYTES = 1 << 16;

/** A file that is whole, and durable unless it need not be. */
export interface FinishedFile {
  readonly sizeBytes: number;
  /** Lower-case hexadecimal, of all bytes. */
  readonly sha256: string;
}

/**
 * A file that is written from front to end and appears under its name when it is whole: until `finish`, which
 * syncs, renames and syncs the directory, it is `<path>.tmp`, which nobody reads. A file that is not `durable` is not
 * synced.
 */
export class NewFile {
  readonly #file: WriteFile;
  readonly #temporary: string;
  readonly #hash = new Sha256();
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #buffered = 0;
  #offset = 0;
  #open = true;

  constructor(
    private readonly disk: Disk,
    private readonly path: string,
    private readonly durable = true,
  ) {
    this.#temporary = `${path}.tmp`;
    this.#file = disk.create(this.#temporary);
  }

  /** Where the next byte will be. */
  get offset(): number {
    return this.#offset;
  }

  /** Appends; the caller may reuse `bytes` afterwards. */
  write(bytes: Uint8Array): void {
    this.#offset += bytes.length;
    if (this.#buffered + bytes.length > BUFFER_BYTES) this.#flush();
    if (bytes.length > BUFFER_BYTES) this.#put(bytes);
    else {
      this.#buffer.set(bytes, this.#buffered);
      this.#buffered += bytes.length;
    }
  }

  /** What was written so far, to be read; the caller closes it. */
  readBack(): ReadFile {
    this.#flush();
    return this.disk.openRead(this.#temporary);
  }

  /** What `check` throws keeps the file from appearing: it is to be abandoned then. */
  finish(check: (file: FinishedFile) => void = () => undefined): FinishedFile {
    this.#flush();
    const finished = { sizeBytes: this.#offset, sha256: this.#hash.hex() };
    check(finished);
    if (this.durable) this.#file.sync();
    this.#close();
    this.disk.rename(this.#temporary, this.path);
    if (this.durable) {
      this.disk.syncDirectory(this.path.slice(0, this.path.lastIndexOf('/')) || '/');
    }
    return finished;
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

  #flush(): void {
    if (this.#buffered > 0) this.#put(this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }

  #put(bytes: Uint8Array): void {
    this.#hash.add(bytes);
    this.#file.write(bytes);
  }
}
