import { CorruptLogError, type Disk } from '../../core/index.js';
import { type LogFile, listFiles, loadFile } from './log-file.js';
import { type FileBytes, findProof, type LogRecord, recordAt, syncedToAt } from './record.js';

/** What a directory holds of a log. Reading it changes nothing on disk. */
export interface FoundLog {
  /** Oldest first; may be empty. */
  readonly files: LogFile[];
  /** Of the oldest file; null when there is none. A copy. */
  readonly checkpoint: Uint8Array | null;
  /** The records in order, read file by file. Throws CorruptLogError where acknowledged ones may be lost. */
  readonly records: Iterable<LogRecord>;
  readonly end: number;
  /** Everything before it is surely on disk; at most `end`. */
  readonly syncedTo: number;
  /** Bytes of the last file behind `end`: written, but never acknowledged as durable. */
  readonly discardedBytes: number;
}

/**
 * Where a log ends and what it holds. `syncedTo` is a position that is known from elsewhere to have
 * been synced. Throws CorruptLogError.
 *
 * A file but the last must hold records up to exactly where the next one starts: that one was made
 * after all of them had been synced. What follows there is superseded. In the last file the first
 * record that does not check ends the log, unless it is known to have been synced.
 */
export function findLog(disk: Disk, directory: string, syncedTo: number): FoundLog {
  const files = listFiles(disk, directory);
  const last = files.at(-1);
  const tail = findTail(disk, last, syncedTo);
  if (tail.end < syncedTo) {
    const path = last?.path ?? directory;
    const detail = `the log ends at position ${tail.end}, though ${syncedTo} had been on disk`;
    throw new CorruptLogError(path, tail.offset, detail);
  }
  const discardedBytes = (last?.sizeBytes ?? 0) - tail.offset;
  if (last !== undefined) last.sizeBytes = tail.offset;
  const found = files.map((file, i) => ({ file, to: files[i + 1]?.header.start ?? tail.end }));
  return {
    files,
    checkpoint: files[0] === undefined ? null : loadFile(disk, files[0]).checkpoint.slice(),
    records: readRecords(disk, found),
    end: tail.end,
    syncedTo: tail.syncedTo,
    discardedBytes,
  };
}

interface Tail {
  readonly end: number;
  /** Of `end` in the last file. */
  readonly offset: number;
  readonly syncedTo: number;
}

function findTail(disk: Disk, last: LogFile | undefined, known: number): Tail {
  if (last === undefined) return { end: 0, offset: 0, syncedTo: 0 };
  const bytes = loadFile(disk, last);
  let [offset, end] = [bytes.bodyOffset, bytes.start];
  let syncedTo = Math.max(known, end);
  for (;;) {
    const record = recordAt(bytes, offset);
    if (record === null) break;
    syncedTo = Math.max(syncedTo, syncedToAt(bytes, offset));
    offset += record.end - record.position;
    end = record.end;
  }
  const proof = findProof(bytes, offset);
  if (proof === null) return { end, offset, syncedTo };
  const detail = `no record, though it had been on disk before that at byte ${proof} was written`;
  throw new CorruptLogError(last.path, offset, detail);
}

function* readRecords(
  disk: Disk,
  files: readonly { file: LogFile; to: number }[],
): Generator<LogRecord, void, undefined> {
  for (const { file, to } of files) yield* readFile(disk, file, to).records;
}

/** A file in memory: its checkpoint, and the records that it must have before `to`, which throw CorruptLogError where they are not there. */
export function readFile(
  disk: Disk,
  file: LogFile,
  to: number,
): { readonly checkpoint: Uint8Array; readonly records: Iterable<LogRecord> } {
  const bytes = loadFile(disk, file);
  return { checkpoint: bytes.checkpoint, records: recordsOf(file, bytes, to) };
}

function* recordsOf(
  { path }: LogFile,
  bytes: FileBytes,
  to: number,
): Generator<LogRecord, void, undefined> {
  let [offset, end] = [bytes.bodyOffset, bytes.start];
  while (end < to) {
    const record = recordAt(bytes, offset);
    if (record === null || record.end > to) {
      throw new CorruptLogError(path, offset, `no record, though they go on to ${to}`);
    }
    offset += record.end - record.position;
    end = record.end;
    yield record;
  }
}
