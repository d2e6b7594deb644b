import type { Disk, ReadFile, WriteFile } from '../../core/index.js';

const BUFFER_BYTES = 1 << 14;

/** A temporary file: written from front to end, then read anywhere. Nothing of it need outlive the process. */
export class SpillFile {
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #buffered = 0;
  #writing: WriteFile | null;
  #reading: ReadFile | null = null;

  constructor(
    private readonly disk: Disk,
    private readonly path: string,
  ) {
    this.#writing = disk.create(path);
  }

  /** Appends; the caller may reuse `bytes` afterwards. */
  write(bytes: Uint8Array): void {
    if (this.#buffered + bytes.length > BUFFER_BYTES) this.#flush();
    if (bytes.length > BUFFER_BYTES) this.#writing?.write(bytes);
    else {
      this.#buffer.set(bytes, this.#buffered);
      this.#buffered += bytes.length;
    }
  }

  /** What was written can be read from now on; no more is. */
  finish(): void {
    this.#flush();
    this.#writing?.close();
    this.#writing = null;
    this.#reading = this.disk.openRead(this.path);
  }

  read(target: Uint8Array, offset: number): void {
    if (target.length > 0) this.#reading?.readInto(target, offset);
  }

  remove(): void {
    this.#writing?.close();
    this.#writing = null;
    this.#reading?.close();
    this.#reading = null;
    this.disk.remove(this.path);
  }

  #flush(): void {
    if (this.#buffered > 0) this.#writing?.write(this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }
}
