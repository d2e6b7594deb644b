import type { OnStart } from './query-phase.js';
import type { TableSnapshot } from './tables.js';

/** How a query is run. */
export interface RunOptions {
  /** Raised when the query's owner no longer wants the answer. */
  readonly signal?: AbortSignal;
  /** What the query reads, held by the caller; without it the query takes a snapshot of its own. */
  readonly snapshot?: TableSnapshot;
  /** The server asks for its own sake: `onAnswer` does not hear of it. */
  readonly isOwn?: boolean;
  /** The query's `contentTag` in the snapshot that is given, if the caller knows it. */
  readonly contentTag?: string | null;
  readonly onStart?: OnStart;
}
