import { ResourceLimitError } from '../../core/index.js';
import type { QueryLimits } from '../limits.js';
import type { NativeQuery } from '../native/query.js';

/** Throws ResourceLimitError where an inner query has more rows than one may have that another query reads. */
export function checkSubquery(
  outer: NativeQuery,
  inner: NativeQuery,
  rowCount: number,
  limits: QueryLimits,
): void {
  const limit = subqueryLimit(outer, inner, limits);
  if (rowCount <= limit) return;
  throw new ResourceLimitError(
    `Cannot issue the query, subqueries generated results beyond maximum[${limit}] rows: the inner ${inner.queryType} has ${rowCount}; filter it more, or raise maxSubqueryRows in the context`,
    limit,
    rowCount,
  );
}

/** As in Druid, a groupBy over a groupBy is bounded by its groups only. */
function subqueryLimit(outer: NativeQuery, inner: NativeQuery, limits: QueryLimits): number {
  if (areGroupBys(outer, inner)) return limits.maxResultRows;
  const asked = outer.context.maxSubqueryRows ?? inner.context.maxSubqueryRows;
  return Math.min(asked ?? limits.maxSubqueryRows, limits.maxResultRows);
}

export const areGroupBys = (outer: NativeQuery, inner: NativeQuery): boolean =>
  outer.queryType === 'groupBy' && inner.queryType === 'groupBy';
