import {
  type ColumnReader,
  type ComplexType,
  NULL_READER,
  type RowSource,
} from '../../model/index.js';
import { type CellColumn, cellReader } from './cell-column.js';
import type { MetricInputs, SpecialFields } from './metric-input.js';
import type { RawRows } from './raw-rows.js';

/** By type, then by field. */
export type SketchColumns = ReadonlyMap<ComplexType, ReadonlyMap<string, CellColumn>>;

/**
 * The rows of a batch as a mutable segment takes them: `__time`, and dimensions by name in their
 * types. Metrics read through `metricInputs`. Rows that were not kept hold nothing meaningful.
 */
export class BatchCursor implements MetricInputs {
  constructor(
    /** The fields as they came; it stands on the same row. */
    private readonly fields: RawRows,
    private readonly dimensions: ReadonlyMap<string, CellColumn>,
    /** Texts as numbers, of fields that are not numbers themselves. */
    private readonly numbers: ReadonlyMap<string, CellColumn>,
    /** Texts as sketches, by type and field. */
    private readonly sketches: SketchColumns,
  ) {}

  get rowCount(): number {
    return this.fields.rowCount;
  }

  get row(): number {
    return this.fields.row;
  }

  set row(row: number) {
    this.fields.row = row;
  }

  column(name: string): ColumnReader {
    if (name === '__time') return this.fields.column(name);
    const column = this.dimensions.get(name);
    return column === undefined ? NULL_READER : cellReader(column, this.fields);
  }

  metricInputs({ numeric, texts, ownValues, sketches }: SpecialFields): RowSource {
    return {
      column: (name) => {
        const sketch = sketches.find((field) => field.name === name);
        const decoded = sketch && this.sketches.get(sketch.type)?.get(name);
        if (decoded !== undefined) return cellReader(decoded, this.fields);
        if (texts.includes(name)) return this.fields.texts(name);
        if (ownValues.includes(name)) return this.fields.untyped(name);
        const asNumbers = name === numeric ? this.numbers.get(name) : undefined;
        if (asNumbers === undefined || name === '__time') return this.fields.column(name);
        return cellReader(asNumbers, this.fields);
      },
    };
  }
}
