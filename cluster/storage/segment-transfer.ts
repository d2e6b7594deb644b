import {
  CorruptSegmentError,
  type Disk,
  type FinishedFile,
  NotFoundError,
  type Random,
  UnavailableError,
  uuid,
} from '../../core/index.js';
import { formatInstant, type Interval } from '../../model/index.js';
import type { DeepCopy, SealedSegment, SegmentDirectory } from '../../segments/index.js';
import { CheckedBytes, verifyObject } from './checked-bytes.js';
import { fileBytes, writeBytes } from './file-bytes.js';
import { CorruptObjectError, type ObjectStore } from './object-store.js';
import type { Packing } from './packing.js';
import { storedDirectory } from './stored-directory.js';

/** All keys of segments begin with it. */
export const SEGMENT_PREFIX = 'segments/';

export interface SegmentTransferOptions {
  readonly disk: Disk;
  readonly store: ObjectStore;
  readonly packing: Packing;
  readonly random: Random;
  /** For packed files that are on their way; what is in it when a process starts may be removed. */
  readonly temporaryDir: string;
}

/** What a segment file is, wherever it is. */
export type SegmentFile = Pick<SealedSegment, 'sizeBytes' | 'sha256'>;

/**
 * Brings segment files into deep storage and back. There they are packed; here nobody sees a file under its name that is not,
 * byte for byte, what the metadata says.
 */
export class SegmentTransfer {
  readonly #options: SegmentTransferOptions;

  constructor(options: SegmentTransferOptions) {
    this.#options = options;
  }

  /** A key that nobody ever had or will have; table and time are for people who look. */
  newKey(dataSource: string, { startMs }: Interval): string {
    const table = dataSource.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 100);
    // Eternity begins in a year with a sign.
    const day = formatInstant(startMs)
      .split('T')[0]!
      .replace(/[^0-9-]/g, '_');
    return `${SEGMENT_PREFIX}${table}/${day}/${uuid(this.#options.random)}.varvepack`;
  }

  /**
   * Stores a segment file under a key of its own, and reads it back. May be repeated under the same key only where nothing came
   * of it. Errors as of `packSegment` and `ObjectStore.put`.
   */
  async put(key: string, path: string, file: SegmentFile, signal: AbortSignal): Promise<DeepCopy> {
    const { disk, store } = this.#options;
    return this.#withTemporary(async (packedPath) => {
      const { packing } = this.#options;
      await this.#checkHot(path, file, signal);
      const packed = await packing({ kind: 'pack', from: path, to: packedPath }, signal);
      await store.put(key, { chunks: fileBytes(disk, packedPath), ...packed }, signal);
      await verifyObject(store, key, packed, signal);
      return { key, ...packed };
    });
  }

  /**
   * Makes the segment file of its copy: verified, synced, and under its name when it is whole; what had the name before is
   * replaced. Errors as of `ObjectStore.get`; CorruptObjectError where the bytes are wrong, twice.
   */
  async fetch(deep: DeepCopy, file: SegmentFile, path: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#fetchOnce(deep, file, path, signal);
    } catch (error) {
      // What was damaged on its way is not damaged there.
      if (!(error instanceof CorruptSegmentError)) throw error;
      await this.#fetchOnce(deep, file, path, signal);
    }
  }

  async #fetchOnce(
    deep: DeepCopy,
    file: SegmentFile,
    path: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { disk, store, packing } = this.#options;
    await this.#withTemporary(async (packedPath) => {
      const { chunks } = await store.get(deep.key, { signal });
      const packed = new CheckedBytes(deep.key, deep);
      await writeBytes(disk, packedPath, packed.of(chunks, signal), false);
      await this.#withTemporary(async (hotPath) => {
        const hot = await packing({ kind: 'unpack', from: packedPath, to: hotPath }, signal);
        checkUnpacked(deep, hot, file);
        disk.rename(hotPath, path);
        disk.syncDirectory(path.slice(0, path.lastIndexOf('/')));
      });
    });
  }

  /** See `storedDirectory`; as with `fetch`, what is damaged is read twice. */
  async directory(
    deep: DeepCopy,
    file: SegmentFile,
    signal: AbortSignal,
  ): Promise<SegmentDirectory> {
    const { store } = this.#options;
    try {
      return await storedDirectory(store, deep, file, signal);
    } catch (error) {
      if (!(error instanceof CorruptSegmentError)) throw error;
      return storedDirectory(store, deep, file, signal);
    }
  }

  /** Whether a file is on this disk, and is what it should be; reads all of it. */
  async isWhole(path: string, file: SegmentFile, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#checkHot(path, file, signal);
      return true;
    } catch (error) {
      if (error instanceof CorruptObjectError || error instanceof NotFoundError) return false;
      throw error;
    }
  }

  async #checkHot(
    path: string,
    { sizeBytes, sha256 }: SegmentFile,
    signal: AbortSignal,
  ): Promise<void> {
    const bytes = new CheckedBytes(path, { sizeBytes, sha256 });
    for await (const _ of bytes.of(fileBytes(this.#options.disk, path), signal));
  }

  /** Nothing is left of what was made under the name that `run` gets, unless it was renamed. */
  async #withTemporary<T>(run: (path: string) => Promise<T>): Promise<T> {
    const { disk, temporaryDir, random } = this.#options;
    disk.makeDirectory(temporaryDir);
    const path = `${temporaryDir}/${uuid(random)}`;
    try {
      return await run(path);
    } finally {
      disk.remove(path);
      // A thread that was stopped leaves it.
      disk.remove(`${path}.tmp`);
    }
  }
}

function checkUnpacked({ key }: DeepCopy, found: FinishedFile, wanted: SegmentFile): void {
  if (found.sha256 === wanted.sha256 && found.sizeBytes === wanted.sizeBytes) return;
  throw new CorruptObjectError(
    key,
    `it is another segment file, of ${found.sizeBytes} bytes and SHA-256 ${found.sha256}; want ${wanted.sizeBytes} and ${wanted.sha256}`,
  );
}

/** The copy of a segment. Throws UnavailableError where it was published without. */
export function deepCopyOf({ deep }: Pick<SealedSegment, 'deep'>, idText: string): DeepCopy {
  if (deep !== undefined) return deep;
  throw new UnavailableError(
    `segment ${idText} has no copy in deep storage: it was published by a single server; bring the data directory into the cluster with \`varve migrate\``,
    { segment: idText },
  );
}
