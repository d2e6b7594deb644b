import type { JsonObject } from '../../../core/index.js';
import type { SortKey } from '../algebra/rel.js';
import type { SqlType } from '../algebra/types.js';

/** A native query, where in its result the columns of the statement are, and what is left to do. */
export interface NativePlan {
  readonly query: JsonObject;
  /** One per column of the relation, in its order. */
  readonly columns: readonly NativeColumn[];
  /** Set when the rows must be sorted and cut after the query: native scans only know the order of time. */
  readonly order: ResultOrder | null;
  /** True when an answer without rows means one row of NULLs. */
  readonly oneRow?: boolean;
}

export interface NativeColumn {
  /** Name of the field of the native result. */
  readonly name: string;
  readonly type: SqlType;
}

interface ResultOrder {
  /** Keys are fields of the native result. */
  readonly keys: readonly SortKey<NativeColumn>[];
  readonly limit: number | null;
  readonly offset: number;
}

/** What the statement's context says about planning. */
export interface PlanOptions {
  readonly approximateTopN: boolean;
  readonly approximateCountDistinct: boolean;
  readonly timeBoundary: boolean;
  readonly maxSubqueryRows: number;
  /** Goes into every native query. */
  readonly context: JsonObject;
}
