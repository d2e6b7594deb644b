import type { Clock, Disk } from '../../../core/index.js';
import type { Interval } from '../../../model/index.js';
import type { InputBatch } from '../batch.js';

/** One file, text or response to read. */
export interface InputEntity {
  /** For messages and reports. */
  readonly uri: string;
  /** Unpacked size is not known; this is the stored size, null where unknown. */
  readonly sizeBytes: number | null;
  /** What is read one after another: the files in an archive, each before the next is asked for; else the entity itself. */
  parts(): AsyncIterable<InputEntity>;
  /** The bytes in order, unpacked as the name says. A chunk is valid until the next one is asked for. */
  chunks(): AsyncIterable<Uint8Array>;
  /** All bytes at once. */
  bytes(): Promise<Uint8Array>;
  /** The bytes for formats that do not read them in order; to be closed. */
  ranges(): Promise<ByteRanges>;
}

/** Bytes of which any range can be read. */
export interface ByteRanges {
  readonly sizeBytes: number;
  /** Fewer bytes only at the end. */
  read(offset: number, length: number): Uint8Array;
  close(): void;
}

/** Where rows come from. */
export type InputSource = ByteSource | TableSource;

interface Source {
  readonly type: string;
  /**
   * Throws UserError, naming the remedy, for what the server's configuration does not allow; called
   * when a task is submitted and again by the task itself.
   */
  check(environment: InputEnvironment): void;
}

/** Bytes, which an input format makes records of. */
export interface ByteSource extends Source {
  entities(environment: InputEnvironment): readonly InputEntity[];
}

/** Rows of a table of ours, which need no format. */
export interface TableSource extends Source {
  readonly table: TableRange;
  /** Whether it reads some of the rows only. */
  readonly isFiltered: boolean;
  /** Reads the slices, which are all that was visible of the range when the task began. */
  batches(disk: Disk, slices: SliceFiles): AsyncIterable<InputBatch>;
}

export interface TableRange {
  readonly dataSource: string;
  readonly interval: Interval;
}

/** Rows of a segment file: those whose time lies in the interval. */
export interface SegmentSlice {
  /** Where it is on this disk; empty where it has to be fetched first. */
  readonly path: string;
  readonly interval: Interval;
  /** What the metadata say of the segment, as plain data: another node finds the file by it. Absent: it is on this disk only. */
  readonly stored?: unknown;
}

/** A file on this disk; it stays until it is released. */
export interface FetchedFile {
  readonly path: string;
  release(): void;
}

/** Brings the file of a segment here; see `SegmentSlice.stored`. */
export type SegmentFetcher = (stored: unknown, signal: AbortSignal) => Promise<FetchedFile>;

/** Slices whose files are on this disk, one after another: each may be fetched only when it is asked for. */
export type SliceFiles = Iterable<SegmentSlice> | AsyncIterable<SegmentSlice>;

/** What input sources may reach: nothing but what is listed here. */
export interface InputEnvironment {
  readonly disk: Disk;
  /** Directories below which `local` sources may read, as real paths. */
  readonly localRoots: readonly string[];
  /** Host names (or host:port) that `http` sources may ask, redirects included. */
  readonly httpHosts: readonly string[];
  readonly fetch: typeof fetch;
  /** Most bytes that one entity may have, unpacked. */
  readonly maxEntityBytes: number;
  readonly clock: Clock;
}
