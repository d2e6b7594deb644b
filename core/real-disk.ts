import * as fs from 'node:fs';
import { dirname } from 'node:path';
import type { Disk, FileStat, ReadFile, WriteFile } from './disk.js';
import { diskError, fileEndsEarly } from './disk-errors.js';
import { invariant, NotFoundError, UnavailableError, type VarveError } from './errors.js';
import { compareText } from './text.js';

export interface RealDiskOptions {
  /**
   * Told of a failed sync, after which the file's content is unknown. In production it ends the
   * process; the default throws. When it returns, the error is thrown all the same.
   */
  readonly onFatal?: (error: VarveError) => void;
}

/** One read or write call moves at most this much: the system calls stop at 2 GiB. */
const MAX_TRANSFER_BYTES = 2 ** 30;

/**
 * The file system of the machine, synchronously.
 *
 * Errors: NotFoundError where a name is missing; UnavailableError, in plain words, for everything
 * else that the system refuses (full, failing, read-only, not permitted, out of handles).
 */
export class RealDisk implements Disk {
  private readonly onFatal: (error: VarveError) => void;

  constructor(options: RealDiskOptions = {}) {
    this.onFatal = options.onFatal ?? throwIt;
  }

  openRead(path: string): ReadFile {
    // Non-blocking, because opening a pipe would wait for a writer; checked after opening, because
    // a check before could be about another file.
    const fd = guard('open', path, () =>
      fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK),
    );
    try {
      const stat = guard('read', path, () => fs.fstatSync(fd));
      if (!stat.isFile()) throw new NotFoundError(`${path} is not a regular file`, { path });
      return new RealReadFile(fd, path, stat.size);
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  }

  create(path: string): WriteFile {
    const fd = guard('create', path, () => fs.openSync(path, 'w'));
    return new RealWriteFile(fd, path, this.onFatal);
  }

  openAppend(path: string): WriteFile {
    const fd = guard('open', path, () => fs.openSync(path, 'a'));
    return new RealWriteFile(fd, path, this.onFatal);
  }

  readFile(path: string): Uint8Array {
    const file = this.openRead(path);
    try {
      const bytes = new Uint8Array(file.sizeBytes);
      file.readInto(bytes, 0);
      return bytes;
    } finally {
      file.close();
    }
  }

  stat(path: string): FileStat | null {
    const stat = unlessAbsent(path, 'read', () => fs.lstatSync(path));
    if (stat === null) return null;
    const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : 'other';
    return { kind, sizeBytes: kind === 'file' ? stat.size : 0, modifiedMs: stat.mtimeMs };
  }

  list(path: string): string[] {
    const names = unlessAbsent(path, 'list', () => fs.readdirSync(path));
    return names === null ? [] : names.sort(compareText);
  }

  makeDirectory(path: string): void {
    const parent = dirname(path);
    if (this.isDirectory(path)) {
      this.syncUnlessForbidden(parent);
      return;
    }
    this.makeDirectory(parent);
    guard('create', path, () => fs.mkdirSync(path, { recursive: true }));
    this.syncDirectory(parent);
  }

  rename(from: string, to: string): void {
    guard('rename', from, () => fs.renameSync(from, to));
  }

  remove(path: string): void {
    unlessAbsent(path, 'remove', () => fs.unlinkSync(path));
  }

  removeTree(path: string): void {
    unlessAbsent(path, 'remove', () => fs.rmSync(path, { recursive: true }));
  }

  syncDirectory(path: string): void {
    const fd = guard('open', path, () =>
      fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY),
    );
    try {
      syncOrDie(fd, path, this.onFatal);
    } finally {
      fs.closeSync(fd);
    }
  }

  realPath(path: string): string {
    return guard('resolve', path, () => fs.realpathSync.native(path));
  }

  /**
   * A process that ended between making a directory and syncing its parent leaves a name that a
   * power cut may still take, and the deepest one at most. A parent that may not be read was made
   * by somebody else.
   */
  private syncUnlessForbidden(parent: string): void {
    try {
      this.syncDirectory(parent);
    } catch (error) {
      if (!(error instanceof UnavailableError) || error.context.code !== 'EACCES') throw error;
    }
  }

  /** Whether a path leads to a directory, through symbolic links too. */
  private isDirectory(path: string): boolean {
    return unlessAbsent(path, 'read', () => fs.statSync(path))?.isDirectory() ?? false;
  }
}

class RealReadFile implements ReadFile {
  private open = true;

  constructor(
    private readonly fd: number,
    private readonly path: string,
    readonly sizeBytes: number,
  ) {}

  readInto(target: Uint8Array, offset: number): void {
    invariant(this.open, `read of the closed file ${this.path}`);
    let done = 0;
    while (done < target.length) {
      const wanted = Math.min(target.length - done, MAX_TRANSFER_BYTES);
      const got = guard('read', this.path, () =>
        fs.readSync(this.fd, target, done, wanted, offset + done),
      );
      if (got === 0) throw fileEndsEarly(this.path, offset + target.length, offset + done);
      done += got;
    }
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    fs.closeSync(this.fd);
  }
}

class RealWriteFile implements WriteFile {
  private open = true;

  constructor(
    private readonly fd: number,
    private readonly path: string,
    private readonly onFatal: (error: VarveError) => void,
  ) {}

  write(bytes: Uint8Array): void {
    // The handle's number may belong to another file by now.
    invariant(this.open, `write to the closed file ${this.path}`);
    let done = 0;
    while (done < bytes.length) {
      const wanted = Math.min(bytes.length - done, MAX_TRANSFER_BYTES);
      done += guard('write', this.path, () => fs.writeSync(this.fd, bytes, done, wanted));
    }
  }

  sync(): void {
    invariant(this.open, `sync of the closed file ${this.path}`);
    syncOrDie(this.fd, this.path, this.onFatal);
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    guard('close', this.path, () => fs.closeSync(this.fd));
  }
}

function syncOrDie(fd: number, path: string, onFatal: (error: VarveError) => void): void {
  try {
    guard('sync', path, () => fs.fsyncSync(fd));
  } catch (error) {
    onFatal(error as VarveError);
    throw error;
  }
}

function throwIt(error: VarveError): never {
  throw error;
}

/** Runs one system call and turns its error into ours. */
function guard<T>(verb: string, path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw diskError(verb, path, error);
  }
}

/** As `guard`, but null when nothing has that name. */
function unlessAbsent<T>(path: string, verb: string, call: () => T): T | null {
  try {
    return call();
  } catch (error) {
    const failure = diskError(verb, path, error);
    if (failure instanceof NotFoundError) return null;
    throw failure;
  }
}
