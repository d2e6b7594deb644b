import type { NativeQuery } from '../native/query.js';
import type { TablePart } from '../tables.js';
import type { Outcome } from './engine.js';

/** How a query is answered from what is known of segments, without a scan. */
export interface MetadataEngine<Q extends NativeQuery = NativeQuery> {
  answer(query: Q, parts: readonly TablePart[], signal: AbortSignal): Promise<Outcome>;
}
