import type { JsonObject } from '../../../core/index.js';
import type { SqlType } from '../algebra/types.js';

/** A native query, and where in its result the columns of the statement are. */
export interface NativePlan {
  readonly query: JsonObject;
  /** One per column of the relation, in its order. */
  readonly columns: readonly NativeColumn[];
  /** True when an answer without rows means one row of NULLs. */
  readonly oneRow?: boolean;
}

export interface NativeColumn {
  /** Name of the field of the native result. */
  readonly name: string;
  readonly type: SqlType;
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
