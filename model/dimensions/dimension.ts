import type { JsonObject } from '../../core/index.js';
import type { ColumnReader, RowSource } from '../rows.js';
import type { SpecReader } from '../spec.js';
import type { ValueType } from '../types.js';

/** What a query groups by: a column, perhaps changed on its way. */
export interface Dimension {
  readonly outputName: string;
  readonly outputType: ValueType;
  readonly spec: JsonObject;
  /** The columns it reads. */
  readonly inputs: readonly string[];
  /**
   * Reads values already cast to `outputType`. A list in a cell (multi-value column) stands for one
   * group per element; an empty list, which only a filtered dimension gives, means that no value was
   * left: null to groupBy, no group to topN. Several ids of its dictionary may stand for equal cells.
   */
  reader(source: RowSource): ColumnReader;
}

export type DimensionReader = SpecReader<Dimension>;
