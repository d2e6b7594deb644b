import {
  type ComplexType,
  type Filter,
  type Interval,
  type TimestampParser,
  TRUE,
  timestampParser,
} from '../../model/index.js';
import type { DimensionSchema } from '../../segments/index.js';
import type { InputBatch } from '../input/batch.js';
import type { RowSpec } from '../spec/task-spec.js';
import { BatchCursor } from './batch-cursor.js';
import { type CellColumn, dimensionCells, metricCells, sketchCells } from './cell-column.js';
import { DimensionList } from './discovery.js';
import { numericFieldOf, type SketchField, sketchFieldsOf } from './metric-input.js';
import { isTyped, type RawColumn, rawColumnOf } from './raw-column.js';
import { RawRows } from './raw-rows.js';
import { RowFates } from './row-fates.js';
import { parseTimes } from './times.js';
import { type ParsedTransform, parseTransforms, runTransform } from './transforms.js';

/** A batch ready to be stored. */
export interface ReadBatch {
  readonly cursor: BatchCursor;
  /** By row, milliseconds; of rows that were not kept, anything. */
  readonly times: Float64Array;
  /** The rows to store, ascending. */
  readonly kept: Uint32Array;
  readonly fates: RowFates;
}

/** Of rows that come from a table. */
const STORED_TIME = timestampParser('millis', null);

const NO_FIELD = rawColumnOf([], null);

/**
 * Turns batches of input fields into typed rows, as a spec says, in Druid's order:
 *
 *     fields ─► time ─► transforms ─► filter ─► intervals ─► judge ─► dimensions, metric inputs
 *
 * Every step works on one whole column at a time.
 */
export class BatchReader {
  readonly #spec: RowSpec;
  readonly #parseTime: TimestampParser;
  readonly #transforms: readonly ParsedTransform[];
  readonly #dimensions: DimensionList;
  readonly #numericFields: ReadonlySet<string>;
  readonly #sketchFields: readonly SketchField[];

  constructor(spec: RowSpec) {
    this.#spec = spec;
    this.#parseTime = timestampParser(spec.timestamp.format, spec.timestamp.missingValue);
    this.#transforms = parseTransforms(spec.transforms);
    this.#dimensions = new DimensionList(spec.dimensions);
    const fields = spec.metrics.map(numericFieldOf).filter((field) => field !== null);
    this.#numericFields = new Set(fields);
    this.#sketchFields = spec.metrics.flatMap(sketchFieldsOf);
  }

  /** Listed dimensions and those found in the batches read so far; another list whenever they change. */
  get dimensions(): readonly DimensionSchema[] {
    return this.#dimensions.all;
  }

  /**
   * Reads a batch. `judge` may throw rows away by their times, before they can show new dimensions.
   */
  read(batch: InputBatch, judge?: (times: Float64Array, fates: RowFates) => void): ReadBatch {
    const { rowCount, columns, types } = batch;
    const { filter, granularity } = this.#spec;
    const fates = new RowFates(rowCount);
    const raw = new Map<string, RawColumn>();
    for (const [name, column] of columns) {
      raw.set(name, rawColumnOf(column, types?.get(name) ?? null));
    }
    const stamped = this.#times(batch, raw, fates);
    const { fields, times } = this.#transform(raw, stamped, fates);
    const rows = new RawRows(rowCount, times, fields);
    if (filter !== null) applyFilter(filter, rows, fates);
    if (granularity.intervals !== null) checkIntervals(granularity.intervals, times, fates);
    judge?.(times, fates);
    const kept = fates.kept();
    this.#dimensions.discover({ raw, fields, keepsNulls: batch.keepsNulls === true }, kept);
    const cursor = this.#cursor(rows, fields, kept, fates);
    return { cursor, times, kept, fates };
  }

  #times(
    { rowCount, isStored }: InputBatch,
    raw: ReadonlyMap<string, RawColumn>,
    fates: RowFates,
  ): Float64Array {
    const { column, format } = this.#spec.timestamp;
    const stamps = raw.get(column) ?? null;
    if (stamps !== null || !isStored) {
      return parseTimes(stamps, rowCount, format, this.#parseTime, fates);
    }
    return parseTimes(raw.get('__time') ?? null, rowCount, 'millis', STORED_TIME, fates);
  }

  /** The fields with the transforms' results over them; none of the transforms sees another's. */
  #transform(
    raw: ReadonlyMap<string, RawColumn>,
    stamped: Float64Array,
    fates: RowFates,
  ): { fields: ReadonlyMap<string, RawColumn>; times: Float64Array } {
    if (this.#transforms.length === 0) return { fields: raw, times: stamped };
    const rows = new RawRows(stamped.length, stamped, raw);
    const fields = new Map(raw);
    for (const transform of this.#transforms) {
      fields.set(transform.name, runTransform(transform, rows, fates));
    }
    const redefined = this.#transforms.some(({ name }) => name === '__time')
      ? fields.get('__time')
      : undefined;
    const times = redefined === undefined ? stamped : redefinedTimes(redefined, fates);
    return { fields, times };
  }

  #cursor(
    rows: RawRows,
    fields: ReadonlyMap<string, RawColumn>,
    kept: Uint32Array,
    fates: RowFates,
  ): BatchCursor {
    const dimensions = new Map<string, CellColumn>();
    for (const dimension of this.#dimensions.all) {
      const field = fields.get(dimension.name) ?? NO_FIELD;
      dimensions.set(dimension.name, dimensionCells(dimension, field, kept, fates));
    }
    const numbers = new Map<string, CellColumn>();
    for (const name of this.#numericFields) {
      const field = fields.get(name) ?? NO_FIELD;
      // What is a number already, or a stored state, is read as it is.
      if (!isTyped(field)) numbers.set(name, metricCells(name, field, kept, fates));
    }
    const sketches = new Map<ComplexType, Map<string, CellColumn>>();
    for (const sketchField of this.#sketchFields) {
      const { name, type } = sketchField;
      const field = fields.get(name) ?? NO_FIELD;
      if (isTyped(field)) continue;
      const columns = sketches.get(type) ?? new Map<string, CellColumn>();
      sketches.set(type, columns.set(name, sketchCells(sketchField, field, kept, fates)));
    }
    return new BatchCursor(rows, dimensions, numbers, sketches);
  }
}

function redefinedTimes({ values }: RawColumn, fates: RowFates): Float64Array {
  const times = new Float64Array(values.length);
  for (const row of fates.kept()) {
    const value = values[row];
    const ms = typeof value === 'number' ? Math.trunc(value) + 0 : Number.NaN;
    if (Number.isSafeInteger(ms)) times[row] = ms;
    else {
      const reason = `the transform of __time gives ${String(value)}, want milliseconds`;
      fates.lose(row, 'transform', reason);
    }
  }
  return times;
}

function applyFilter(filter: Filter, rows: RawRows, fates: RowFates): void {
  const matches = filter.predicate(rows);
  for (const row of fates.kept()) {
    rows.row = row;
    if (matches() !== TRUE) fates.throwAway(row, 'transformSpec.filter does not pass it');
  }
}

/** Throws away rows outside all of the intervals, which are sorted and disjoint. */
function checkIntervals(
  intervals: readonly Interval[],
  times: Float64Array,
  fates: RowFates,
): void {
  let within: Interval | undefined;
  for (const row of fates.kept()) {
    const timeMs = times[row]!;
    if (within !== undefined && timeMs >= within.startMs && timeMs < within.endMs) continue;
    within = intervals.find(({ startMs, endMs }) => timeMs >= startMs && timeMs < endMs);
    if (within === undefined) {
      fates.throwAway(row, 'its time is outside of granularitySpec.intervals');
    }
  }
}
