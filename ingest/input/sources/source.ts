import type { Clock, Disk } from '../../../core/index.js';

/** One file, text or response to read. */
export interface InputEntity {
  /** For messages and reports. */
  readonly uri: string;
  /** Unpacked size is not known; this is the stored size, null where unknown. */
  readonly sizeBytes: number | null;
  /** The bytes in order, unpacked when the name ends in .gz. */
  chunks(): AsyncIterable<Uint8Array>;
  /** All bytes at once, for formats that need random access. */
  bytes(): Promise<Uint8Array>;
}

/** Where rows come from. */
export interface InputSource {
  readonly type: string;
  /**
   * Throws UserError, naming the remedy, for what the server's configuration does not allow; called
   * when a task is submitted and again by the task itself.
   */
  check(environment: InputEnvironment): void;
  entities(environment: InputEnvironment): readonly InputEntity[];
}

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
