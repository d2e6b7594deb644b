import { leafOf } from '../expansion/sources.js';
import type { NativeQuery } from '../native/query.js';
import { QueryNames } from '../plan/query-names.js';
import { type QueryShape, type ShapeCondition, shapeOf } from './query-shape.js';
import { conditionsOf } from './shape-condition.js';
import { type ShapeSpan, spanOf } from './shape-span.js';
import { TimeReads } from './shape-time.js';

/** What is read by a query that groups nothing. */
export interface PlainShape {
  readonly queryType: NativeQuery['queryType'];
  readonly span: ShapeSpan;
  readonly conditions: readonly ShapeCondition[];
}

/** What a query of any type asks for, without literals: fit to be logged. Of nested queries, of the innermost. */
export function loggedShape(query: NativeQuery): QueryShape | PlainShape {
  const found = shapeOf(query);
  if (found !== null) return found.shape;
  const leaf = leafOf(query.dataSource);
  if (leaf.type === 'query') return loggedShape(leaf.query);
  const { queryType, intervals, virtualColumns, filter } = query;
  const time = new TimeReads(new QueryNames(virtualColumns), intervals);
  return { queryType, span: spanOf(intervals), conditions: conditionsOf(filter, time) };
}
