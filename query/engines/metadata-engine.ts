import type { NativeQuery } from '../native/query.js';
import type { TablePart } from '../tables.js';
import type { Outcome } from './engine.js';

/** How a query is answered from what is known of segments, without a scan. */
export interface MetadataEngine<Q extends NativeQuery = NativeQuery> {
  /** `onLost` is told of parts that nobody has, by what the query asks of them; null: then there is no answer. */
  answer(
    query: Q,
    parts: readonly TablePart[],
    onLost: ((parts: readonly TablePart[]) => void) | null,
    signal: AbortSignal,
  ): Promise<Outcome>;
}
