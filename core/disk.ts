/**
 * The seam to the file system. Everything that Varve stores goes through a `Disk`, so that a
 * virtual one can lose power at any call. Paths are absolute. Calls are synchronous: they run in
 * worker threads, or on the main thread only for a few small files at start-up.
 *
 * Durability is explicit: bytes survive a power cut after `sync`, and a created, renamed or
 * removed name survives after `syncDirectory` of its parent. A failed sync is fatal: the pages may
 * be gone although a later sync succeeds, so the implementation reports it to `onFatal`, which in
 * production ends the process; recovery then reads the disk again.
 */
export interface Disk {
  /** Opens for reading. Throws NotFoundError when there is no such regular file. */
  openRead(path: string): ReadFile;
  /** Creates or truncates for writing. */
  create(path: string): WriteFile;
  /** Opens for appending at the end, creating the file when missing. */
  openAppend(path: string): WriteFile;
  /** The whole file. */
  readFile(path: string): Uint8Array;
  /** Size in bytes, kind and age, or null when nothing has that name. Does not follow a final symbolic link. */
  stat(path: string): FileStat | null;
  /** Names in a directory (not paths), sorted. An absent directory is empty. */
  list(path: string): string[];
  /** Creates a directory and its missing parents, each durable. */
  makeDirectory(path: string): void;
  rename(from: string, to: string): void;
  /** Removes a file; absent is fine. */
  remove(path: string): void;
  /** Removes a directory and all below it; absent is fine. */
  removeTree(path: string): void;
  syncDirectory(path: string): void;
  /** The path with every symbolic link resolved; throws NotFoundError when absent. */
  realPath(path: string): string;
}

export interface FileStat {
  readonly kind: 'file' | 'directory' | 'other';
  readonly sizeBytes: number;
  /** When its bytes were last written: greater for what was written later, if the disk's clock was right. */
  readonly modifiedMs: number;
}

export interface ReadFile {
  readonly sizeBytes: number;
  /** Fills all of `target` from `offset` on; throws UnavailableError when the file is shorter. */
  readInto(target: Uint8Array, offset: number): void;
  close(): void;
}

export interface WriteFile {
  /** Writes all of `bytes` (looping over short writes) at the end. */
  write(bytes: Uint8Array): void;
  sync(): void;
  close(): void;
}

/**
 * Makes `bytes` the content of `path` in one step that a crash cannot split: written under a
 * temporary name, synced, renamed, directory synced.
 */
export function writeFileAtomically(disk: Disk, path: string, bytes: Uint8Array): void {
  const temporary = `${path}.tmp`;
  const file = disk.create(temporary);
  try {
    file.write(bytes);
    file.sync();
  } finally {
    file.close();
  }
  disk.rename(temporary, path);
  disk.syncDirectory(path.slice(0, path.lastIndexOf('/')) || '/');
}
