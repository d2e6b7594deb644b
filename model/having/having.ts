import type { JsonObject } from '../../core/index.js';
import type { ResultRow, ResultTypes } from '../post-aggregators/post-aggregator.js';

/** Which rows of a groupBy result to keep, by their finalised values. */
export interface Having {
  readonly spec: JsonObject;
  compile(types: ResultTypes): (row: ResultRow) => boolean;
}
