import type { JsonObject } from '../../core/index.js';
import type { Interval } from '../../model/index.js';
import type { MutableSegmentHandle, SealedSegment } from '../../segments/index.js';
import type { ChunkSegment } from '../publisher.js';
import type { ReplayedLetter } from './command.js';

/** The name of the table that dead letters of all tables are rows of. */
export const DEAD_LETTERS = 'sys.dead_letters';

/** How the body of a push is written. */
export type PushFormat = 'ndjson' | 'json' | 'csv' | 'arrow';

/** Who sent a batch, so that a retry is known as one. At most one of the two is there. */
export interface PushIdentity {
  /** Sequences of a producer grow by one or more from batch to batch. */
  readonly producer: string | null;
  readonly sequence: number | null;
  /** The client's `Idempotency-Key`. */
  readonly key: string | null;
}

/** Rows for a table, as they came. */
export interface PushRequest extends PushIdentity {
  readonly table: string;
  readonly format: PushFormat;
  /** Names of the columns of csv; absent: the first line has them. */
  readonly columns?: readonly string[] | null;
  /** Unpacked. Not empty. */
  readonly body: Uint8Array;
  /** 'memory' is answered without waiting for the disk: such rows may be lost in a crash. */
  readonly ack: 'disk' | 'memory';
}

/** Dead letters to be pushed again. */
export interface ReplayRequest {
  readonly table: string;
  readonly letters: readonly ReplayedLetter[];
  /** Whether late and future rows are stored whatever the table's policies say. */
  readonly acceptLate: boolean;
}

/** Why a row was not stored. */
export type LetterReason =
  | 'malformed'
  | 'timestamp'
  | 'type'
  | 'oversized'
  | 'late'
  | 'future'
  | 'transform';

export interface RowError {
  /** Of the batch, from 0; blank lines do not count. */
  readonly row: number;
  readonly reason: LetterReason;
  readonly message: string;
}

/** What became of rows; each row is in exactly one of the last four. */
export interface RowCounts {
  readonly received: number;
  readonly stored: number;
  readonly late: number;
  readonly rejected: number;
  readonly deduplicated: number;
}

/** The answer to a push; a retry of it gets the same one, with `duplicate` set. */
export interface PushAnswer extends RowCounts {
  readonly table: string;
  /** True when the batch was taken before, and this is the answer of then. */
  readonly duplicate: boolean;
  /** False when the rows were not on disk when this was said. */
  readonly durable: boolean;
  /** Give it to a query (context `ingestToken`) to be sure that it sees these rows. */
  readonly token: string;
  /** The first of the rows that were not stored; `late` and `rejected` say how many there are. */
  readonly errors: readonly RowError[];
}

/** A declared table as the metadata keeps it. */
export interface StoredTable {
  readonly name: string;
  /** Every version of its spec, in order, from 1; commands name the one that they were taken under. */
  readonly versions: readonly JsonObject[];
  /** Commands before this position of the log are published; null: all are that this log has. */
  readonly position: number | null;
}

/** A table whose rows this log takes from now on. */
export interface OpenedTable extends StoredTable {
  readonly position: number;
  /** Grows whenever a table goes to a log or leaves it. */
  readonly epoch: number;
  /** What the log that had the table before knew of it: see `TableState.checkpoint`; null: none had, or nobody knows. */
  readonly state: Uint8Array | null;
}

/** A table that leaves a log. */
export interface GivenTable {
  /** Where all of it is published. */
  readonly position: number;
  /** See `TableState.checkpoint`. */
  readonly state: Uint8Array;
}

/** The segments of one data source, and the chunks that their rows were put into. */
export interface HandoffSegments {
  /** As `Publisher.chunkIntervals` gave them. */
  readonly chunkIntervals: readonly Interval[];
  readonly segments: readonly ChunkSegment[];
}

/** What is published in one transaction: rows, dead letters and the position behind them. */
export interface HandoffRequest {
  readonly table: string;
  /** The position that the metadata must still have; another one fails the publish. */
  readonly from: number;
  readonly to: number;
  /** By data source: the table, and `sys.dead_letters` where there are letters. */
  readonly segments: ReadonlyMap<string, HandoffSegments>;
}

/** What the engine needs of the metadata. Implemented over the metadata store, and by a simulated one in tests. */
export interface PushCatalog {
  /** All that are declared, by name. */
  tables(): Promise<readonly StoredTable[]>;
  /**
   * Makes this the log that takes the rows of a table that was given to it. The table stands at `position` unless it was open here before: give
   * the end of the log. Null when the table is not declared yet. Throws ConflictError when it is not this log's.
   */
  open(name: string, position: number): Promise<OpenedTable | null>;
  /**
   * Adds a version; gives its number. A table that is new stands at `position`: give the end of the
   * log, for no command of it can lie before. Throws UserError when the name is not legal.
   */
  declare(name: string, spec: JsonObject, position: number): Promise<number>;
  /**
   * Moves the table's position and adds the segments to their data sources, in one transaction. A
   * repeat of the table's last handoff changes nothing and succeeds; a request from any other
   * position than the stored one throws ConflictError. So does one of which other chunks than then
   * hold the rows now; its context names the `dataSource`: seal those rows again by the chunks of now.
   * After any other error the outcome is not known: repeat the request, or read `tables()`.
   */
  publish(request: HandoffRequest): Promise<void>;
}

/** One part of what queries see of a table beside its published segments. */
export interface LivePart {
  /** Never used twice in a process; a mutable segment keeps it while it grows. */
  readonly id: number;
  /** Which arrangement of its memory a mutable segment's handle reads; grows by time. 0 for a piece. */
  readonly layout: number;
  /** Whose rows these are: the push table, or `sys.dead_letters`. */
  readonly dataSource: string;
  readonly rowCount: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly source:
    | { readonly kind: 'mutable'; readonly handle: MutableSegmentHandle }
    | { readonly kind: 'piece'; readonly sealed: SealedSegment };
}

/** The parts of one generation of a push table. */
export interface LiveGeneration {
  /** Counts exactly while the table's published position is below `to`; `to` is infinite while it grows. */
  readonly to: number;
  readonly parts: readonly LivePart[];
}

/** Everything of one push table that is not published yet. */
export interface LiveTable {
  readonly table: string;
  /** Oldest first. */
  readonly generations: readonly LiveGeneration[];
}

/** What queries see from now on: a commit, a swap of parts, or nothing but a new position. */
export interface LiveUpdate {
  readonly logId: string;
  /** All commands of all tables before it are in, here or in an earlier update. */
  readonly position: number;
  /** All tables that have changed; others are as they were. */
  readonly tables: readonly LiveTable[];
}

/** What no query reads any more, and none will: a whole part, or older arrangements of its memory. */
export interface LiveRelease {
  readonly id: number;
  /** Arrangements below it are free; null when the part is. */
  readonly lowestLayout: number | null;
}
