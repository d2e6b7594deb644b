import {
  type Disk,
  invariant,
  type Random,
  UnavailableError,
  type WriteFile,
  writeFileAtomically,
} from '../../core/index.js';
import { decodeHeader, encodeHeader, randomLogId } from './file-header.js';
import { type LogFile, listFiles, pathOf } from './log-file.js';
import { encodeRecords, type LogRecord, RECORD_HEAD_BYTES } from './record.js';
import { type FoundLog, findLog, readFile } from './recovery.js';

export interface PushLogOptions {
  readonly disk: Disk;
  /** Only this log writes there; missing is fine. */
  readonly directory: string;
  readonly random: Random;
  /** A new file is wanted once the records of one reach this size. */
  readonly fileBytes?: number;
  /**
   * A position before which everything is known to have been synced: the highest one that the
   * metadata publishes. A log that ends before it is damaged, and would use positions twice.
   */
  readonly syncedTo?: number;
  /** How a log begins that is not there yet: the copy of one that began elsewhere. Default: an id of its own, at 0. */
  readonly first?: { readonly id: string; readonly position: number };
}

/** What one file of a log holds from some position on. */
export interface LogPiece {
  /** The state at that position; null: the file began before it. */
  readonly checkpoint: Uint8Array | null;
  readonly records: readonly LogRecord[];
}

export interface OpenedLog {
  readonly log: PushLog;
  /** The state at `log.start`; null when the log is new. */
  readonly checkpoint: Uint8Array | null;
  /**
   * Every record from `log.start` to the `log.end` of now, to be read once and before the first
   * `trim`. One file is in memory at a time. Throws CorruptLogError where acknowledged records are damaged.
   */
  readonly records: Iterable<LogRecord>;
  /** The torn tail that is left out: nothing in it was acknowledged as durable. */
  readonly discardedBytes: number;
}

/** The positions that a record covers: [position, end). */
export type LogRange = Pick<LogRecord, 'position' | 'end'>;

const DEFAULT_FILE_BYTES = 64 * 2 ** 20;

/**
 * A log of byte strings in a directory of files, appended in groups. Positions are byte offsets on
 * one number line; those of a group whose write failed are given again.
 *
 *     0000000000000003.log   header (checkpoint at 900), records [900, 1700), bytes of a failed write
 *     0000000000000004.log   header (checkpoint at 1700), records [1700, …
 *
 * There is one way to a file that takes records, after opening as after a failed write and when a
 * file is full: `wantsRoll` is true, and `roll` makes everything so far durable and begins a new
 * file whose start says where the records of the one before end. So nothing is ever appended behind
 * bytes of which one does not know what they are, and those never count again.
 *
 * Errors: UnavailableError when the disk refuses; what was asked for has not happened, and `roll`
 * can be tried again whenever there may be room. A failed sync is fatal (see `Disk`): the log then
 * refuses all further use.
 */
export class PushLog {
  /** 32 hexadecimal digits; that of a new log is durable after the first `roll`. */
  readonly id: string;
  private readonly fileBytes: number;
  private readonly files: LogFile[];
  /** Of the last file, from the first roll on. */
  private handle: WriteFile | null = null;
  /** Whether the last file may be appended to. */
  private writable = false;
  private prepared = false;
  private failed = false;
  private position: number;
  private syncedTo: number;

  private constructor(
    private readonly options: PushLogOptions,
    found: FoundLog,
  ) {
    this.fileBytes = options.fileBytes ?? DEFAULT_FILE_BYTES;
    this.files = found.files;
    const first = found.files.length === 0 ? options.first : undefined;
    this.id = found.files[0]?.header.logId ?? first?.id ?? randomLogId(options.random);
    this.position = first?.position ?? found.end;
    this.syncedTo = first?.position ?? found.syncedTo;
  }

  /** Reads the last file to find the end; changes nothing on disk. Throws CorruptLogError. */
  static open(options: PushLogOptions): OpenedLog {
    const found = findLog(options.disk, options.directory, options.syncedTo ?? 0);
    const { checkpoint, records, discardedBytes } = found;
    return { log: new PushLog(options, found), checkpoint, records, discardedBytes };
  }

  /** Position of the oldest record that is kept. */
  get start(): number {
    return this.files[0]?.header.start ?? this.position;
  }

  /** Every record before it is written. */
  get end(): number {
    return this.position;
  }

  /**
   * What the log has from `position` on, which is where a record begins or the log ends, to the end of the file that has it: files
   * are taken into memory whole. Throws UnavailableError when it has been trimmed, or nothing was ever written.
   */
  read(position: number): LogPiece {
    const index = this.files.findLastIndex(({ header }) => header.start <= position);
    const file = this.files[index];
    if (file === undefined) {
      throw new UnavailableError(`the log has nothing at position ${position} any more`);
    }
    const to = this.files[index + 1]?.header.start ?? this.position;
    const { checkpoint, records } = readFile(this.options.disk, file, to);
    return {
      checkpoint: file.header.start === position ? checkpoint : null,
      records: [...records].filter((record) => record.position >= position),
    };
  }

  /** Of all files, without what failed writes left behind. */
  get sizeBytes(): number {
    return this.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  }

  /** Whether `roll` should come before the next `append`. */
  get wantsRoll(): boolean {
    return !this.writable || this.position - this.files.at(-1)!.header.start >= this.fileBytes;
  }

  /**
   * Writes a group in one call, and syncs it and all before it when `durable`. Throws
   * UnavailableError: then none of the group counts, and `wantsRoll` is true. Should the process end
   * before that roll, records of the group may still be found, like those of any group that was
   * being written.
   */
  append(payloads: readonly Uint8Array[], durable: boolean): readonly LogRange[] {
    this.checkAlive();
    invariant(this.writable && this.handle !== null, 'append to a log that must be rolled first');
    const file = this.files.at(-1)!;
    const bytes = encodeRecords(payloads, this.position, this.syncedTo, file.header.checksum);
    this.writable = false;
    this.handle.write(bytes);
    this.writable = true;
    const ranges = this.take(payloads);
    file.sizeBytes += bytes.length;
    if (durable) this.sync();
    return ranges;
  }

  /** Makes everything before `end` durable: before a position is published, for one. */
  sync(): void {
    this.checkAlive();
    if (this.syncedTo === this.position) return;
    const { handle } = this;
    if (handle === null) this.rewriteTail();
    else this.orFail(() => handle.sync());
    this.syncedTo = this.position;
  }

  /**
   * Goes on in a new file. `checkpoint` is the state after all records before `end`; everything
   * before `end` is durable when this returns. Throws UnavailableError; then `wantsRoll` stays true.
   */
  roll(checkpoint: Uint8Array): void {
    const { disk, directory, random } = this.options;
    this.prepare();
    // From here on the new file may exist, and what comes behind its start in the old one is void.
    this.writable = false;
    this.sync();
    this.handle?.close();
    this.handle = null;
    const sequence = (this.files.at(-1)?.header.sequence ?? 0) + 1;
    const identity = { logId: this.id, sequence, start: this.position };
    const bytes = encodeHeader(identity, checkpoint, random);
    const path = pathOf(directory, sequence);
    writeFileAtomically(disk, path, bytes);
    this.handle = disk.openAppend(path);
    this.files.push({ path, header: decodeHeader(bytes, path), sizeBytes: bytes.length });
    this.writable = true;
  }

  /**
   * Removes the files that hold nothing from `before` on, but never the last.
   *
   * Oldest first, and each only once the removal of those before it is durable, also by a process
   * that ended in between: at most one removal is ever in doubt, that of the oldest file there is.
   * So a power cut leaves a sequence without holes, and every hole is damage.
   */
  trim(before: number): void {
    const { disk, directory } = this.options;
    this.checkAlive();
    while (this.files.length > 1 && this.files[1]!.header.start <= before) {
      this.orFail(() => disk.syncDirectory(directory));
      disk.remove(this.files[0]!.path);
      this.files.shift();
    }
  }

  /** Gives the file handle back. What was not synced stays so: `sync`, or better `roll`, comes before. */
  close(): void {
    this.failed = true;
    this.handle?.close();
  }

  private take(payloads: readonly Uint8Array[]): LogRange[] {
    return payloads.map(({ length }) => {
      const position = this.position;
      this.position += RECORD_HEAD_BYTES + length;
      return { position, end: this.position };
    });
  }

  /** Makes the directory, and the names in it that a process which ended may have left in doubt, durable. */
  private prepare(): void {
    this.checkAlive();
    if (this.prepared) return;
    const { disk, directory } = this.options;
    disk.makeDirectory(directory);
    for (const name of disk.list(directory)) {
      if (name.endsWith('.log.tmp')) disk.remove(`${directory}/${name}`);
    }
    this.orFail(() => disk.syncDirectory(directory));
    this.prepared = true;
  }

  /**
   * Makes the records that were found durable by writing them anew. A sync would not do: when one
   * failed, and with it the process before us, the system still shows bytes that the disk never took.
   */
  private rewriteTail(): void {
    const { disk } = this.options;
    const { path, sizeBytes } = this.files.at(-1)!;
    writeFileAtomically(disk, path, disk.readFile(path).subarray(0, sizeBytes));
  }

  private orFail(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.failed = true;
      throw error;
    }
  }

  private checkAlive(): void {
    invariant(!this.failed, 'use of a log that was closed, or whose sync failed');
  }
}

/** The id of the log that a directory holds; null: it holds none. Throws CorruptLogError. */
export function logIdIn(disk: Disk, directory: string): string | null {
  return listFiles(disk, directory)[0]?.header.logId ?? null;
}
