import type { JsonObject, WireError } from '../../core/index.js';
import type { Interval, NamedLookup } from '../../model/index.js';
import type { LoadJob } from '../../segments/index.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import type { JobLimits, ScanTarget } from '../interpreter/target.js';
import type { SpillTarget } from '../spill/spilled.js';
import type { JobSource, MergeBatch, PieceBatch } from './executor.js';
import type { NumberedPartial } from './run-job.js';

/**
 * What goes to a worker. It runs one message at a time and answers each with one reply, in order.
 *
 *     main ──BatchMessage──► every worker that helps     `query` and `source` come along only when the
 *          ◄─────Reply─────                              worker does not know their key: see CACHE_SIZES
 *
 * All workers that have a batch claim its jobs from one counter in shared memory.
 */
export interface BatchMessage {
  readonly kind: 'batch';
  readonly queryKey: number;
  /** Its JSON: a text goes to another thread in less time than objects. */
  readonly query: string | JsonObject | null;
  readonly rights: readonly RightMessage[];
  /** Lookups that are named by what is to be parsed. */
  readonly lookups: readonly NamedLookup[];
  /** Keys of sources, and by their places those that come along. */
  readonly sources: readonly string[];
  readonly opened: ReadonlyMap<number, JobSource>;
  readonly spans: readonly (readonly Interval[])[];
  readonly rows: readonly Uint32Array[];
  /** By job: the place of its source, its first row, the row after its last one, the place of its spans, and of its rows, or -1. */
  readonly jobs: Float64Array;
  readonly bundles: readonly number[];
  readonly mergesJobs: boolean;
  readonly givesBlocks: ScanTarget['givesBlocks'];
  readonly spill: SpillTarget | undefined;
  readonly limits: JobLimits;
  readonly control: SharedArrayBuffer;
}

export interface MergeMessage {
  readonly kind: 'merge';
  readonly queryKey: number;
  /** Its JSON: a text goes to another thread in less time than objects. */
  readonly query: string | JsonObject | null;
  /** Lookups that are named by what is to be parsed. */
  readonly lookups: readonly NamedLookup[];
  readonly source: SourceMessage;
  readonly merge: Omit<MergeBatch, 'kind' | 'query' | 'source' | 'priority'>;
  readonly control: SharedArrayBuffer;
}

export interface SpillMessage {
  readonly kind: 'spill';
  readonly queryKey: number;
  readonly query: string | JsonObject | null;
  readonly lookups: readonly NamedLookup[];
  /** By job. */
  readonly sources: readonly (SourceMessage | null)[];
  readonly jobs: readonly (readonly GroupPartial[])[];
  readonly target: SpillTarget;
  readonly control: SharedArrayBuffer;
}

export interface PieceMessage {
  readonly kind: 'pieces';
  readonly queryKey: number;
  readonly query: string | JsonObject | null;
  readonly lookups: readonly NamedLookup[];
  readonly merge: Omit<PieceBatch, 'kind' | 'query' | 'priority'>;
  readonly control: SharedArrayBuffer;
}

export interface SourceMessage {
  readonly sourceKey: string;
  readonly source: JobSource | null;
}

/** See `RightRows`. */
export interface RightMessage extends SourceMessage {
  readonly seen: Uint8Array | null;
}

/** Numbers that tell of one job. */
export const JOB_FIELDS = 5;

export interface LoadMessage {
  readonly kind: 'load';
  readonly job: LoadJob;
}

export type Message = BatchMessage | MergeMessage | SpillMessage | PieceMessage | LoadMessage;

export type Reply =
  | { readonly kind: 'done'; readonly partials: readonly NumberedPartial[] }
  | { readonly kind: 'failed'; readonly error: WireError };

/** The words of a batch's control memory. */
export const CONTROL = {
  /** The position of the next job that nobody has claimed. */
  next: 0,
  /** 1 when the jobs should stop: the query was cancelled, or one of them failed. */
  cancelled: 1,
  /** 1 when somebody waits for a worker: claim no more after a while, and come back. */
  yield: 2,
} as const;

export const newControl = (): Int32Array<SharedArrayBuffer> =>
  new Int32Array(new SharedArrayBuffer(12));

/**
 * What a worker remembers, and what the main thread takes it to remember. Files stay the same, and
 * many queries read them: a query over more of them than are remembered would open each anew, and write kernels for it, every time.
 * Of row blocks each query has its own, and snapshots are followed by others.
 */
export const CACHE_SIZES = { queries: 64, files: 8192, others: 64 } as const;

export const cacheOf = (sourceKey: string): 'files' | 'others' =>
  sourceKey.startsWith(FILE_KEY) ? 'files' : 'others';

/** Lookups are opened in no time, and go when somebody replaces them. */
export const isKept = ({ kind }: JobSource): boolean => kind !== 'lookup';

/** How the keys of loaded files begin. */
export const FILE_KEY = 'file ';
