import type { JsonObject, WireError } from '../../core/index.js';
import type { Interval } from '../../model/index.js';
import type { LoadJob } from '../../segments/index.js';
import type { PartialResult } from '../engines/engine.js';
import type { JobLimits } from '../interpreter/target.js';
import type { JobSource } from './executor.js';

/**
 * What goes to a worker. It runs one message at a time and answers each with one reply, in order.
 *
 *     main ──ScanMessage──► worker      `query` and `source` come along only when the worker
 *          ◄────Reply──────             does not know their key: see CACHE_SIZES
 */
export interface ScanMessage {
  readonly kind: 'scan';
  readonly queryKey: number;
  readonly query: JsonObject | null;
  readonly sourceKey: string;
  readonly source: JobSource | null;
  readonly from: number;
  readonly to: number;
  readonly spans: readonly Interval[];
  readonly limits: JobLimits;
  /** One Int32 that becomes 1 when the job should stop. */
  readonly cancelFlag: SharedArrayBuffer;
}

export interface LoadMessage {
  readonly kind: 'load';
  readonly job: LoadJob;
}

export type Message = ScanMessage | LoadMessage;

export type Reply =
  | { readonly kind: 'done'; readonly partial: PartialResult | null }
  | { readonly kind: 'failed'; readonly error: WireError };

/**
 * What a worker remembers, and what the main thread takes it to remember. Files stay the same, and
 * many queries read them; of snapshots and row blocks each query has its own.
 */
export const CACHE_SIZES = { queries: 64, files: 512, others: 8 } as const;

export const cacheOf = (sourceKey: string): 'files' | 'others' =>
  sourceKey.startsWith(FILE_KEY) ? 'files' : 'others';

/** How the keys of loaded files begin. */
export const FILE_KEY = 'file ';
