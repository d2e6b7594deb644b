import { type ArenaPool, InternalError, UnsupportedError } from '../../core/index.js';
import {
  type Aggregator,
  isComplexType,
  type RowCursor,
  type State,
  type Value,
  type ValueType,
} from '../../model/index.js';
import { type DimensionSchema, type SegmentSchema, timeTruncation } from '../schema.js';
import type { ColumnDescription, Segment } from '../types.js';
import { ArenaStore } from './arena-store.js';
import { attachMutable } from './attach.js';
import type { MutableColumn, RowOrder, RowValue } from './column.js';
import { positionOf } from './column.js';
import { ComplexColumn } from './complex-column.js';
import type { MutableSegmentHandle } from './handle.js';
import { DoubleColumn, FloatColumn, LongColumn } from './number-column.js';
import { OpenRows } from './open-rows.js';
import { StringColumn } from './string-column.js';

/** What an open metric state costs on the JavaScript heap, about. */
const STATE_HEAP_BYTES = 48;

interface Metric {
  readonly aggregator: Aggregator;
  readonly column: MutableColumn;
}

/** A view of a mutable segment that other threads may attach to by its handle. */
export interface MutableSnapshot extends Segment {
  readonly handle: MutableSegmentHandle;
}

/**
 * Rows that are still being collected: append-only columns in an arena, in order of arrival.
 *
 * Rollup   a row whose truncated time and dimensions equal those of an open row is folded into it.
 *          Rows are open from their batch until the next `snapshot`, which writes their metrics and
 *          closes them: what a snapshot has shown never changes, and equal rows that come later make
 *          a row of their own. Sealing combines them.
 * Snapshot a prefix of the rows; it costs a few microseconds and no copying of rows. Later appends
 *          write behind it. It is valid until `close`.
 * Failure  an append that throws adds nothing, save where an aggregator throws while folding into
 *          rows that were already open: that is a bug, and the segment refuses further use.
 */
export class MutableSegment {
  readonly #store: ArenaStore;
  readonly #time: LongColumn;
  readonly #truncate: (timeMs: number) => number;
  readonly #metrics: Metric[];
  #dimensions: { schema: DimensionSchema; column: MutableColumn }[] = [];
  #open: OpenRows | null = null;
  #rowCount = 0;
  #minTimeMs = Number.POSITIVE_INFINITY;
  #maxTimeMs = Number.NEGATIVE_INFINITY;
  #lastTimeMs = Number.NEGATIVE_INFINITY;
  #sortedByTime = true;
  #broken: unknown = null;

  constructor(
    private readonly initialSchema: SegmentSchema,
    pool: ArenaPool,
  ) {
    this.#store = new ArenaStore(pool);
    this.#time = new LongColumn('__time', 'time', this.#store);
    this.#truncate = timeTruncation(initialSchema);
    this.#metrics = initialSchema.metrics.map((aggregator) => {
      const { name, storedType } = aggregator;
      return { aggregator, column: makeColumn(name, storedType, 'metric', 'ARRAY', this.#store) };
    });
    for (const dimension of initialSchema.dimensions) this.addDimension(dimension);
  }

  /** The schema with the dimensions added since. */
  get schema(): SegmentSchema {
    return { ...this.initialSchema, dimensions: this.#dimensions.map(({ schema }) => schema) };
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** Arena bytes taken, and about what the dictionaries and open rows take on the JavaScript heap. */
  get sizeBytes(): number {
    const columns = this.#dimensions.reduce((sum, { column }) => sum + column.heapBytes, 0);
    const states = this.#openCount() * this.#metrics.length * STATE_HEAP_BYTES;
    return this.#store.sizeBytes + columns + states + (this.#open?.sizeBytes ?? 0);
  }

  /** Adds a dimension behind the others; rows so far have null in it. */
  addDimension(schema: DimensionSchema): void {
    this.#checkUsable();
    const { name, type, multiValueHandling } = schema;
    const taken = [this.#time, ...this.#metrics.map(({ column }) => column)];
    if ([...taken, ...this.#dimensions.map(({ column }) => column)].some((c) => c.name === name)) {
      throw new InternalError(`mutable segment already has a column ${name}`);
    }
    this.#closeRows();
    const column = makeColumn(name, type, 'dimension', multiValueHandling, this.#store);
    column.ensure(this.#rowCount);
    for (let row = 0; row < this.#rowCount; row++) column.write(row, null);
    this.#dimensions = [...this.#dimensions, { schema, column }];
  }

  /**
   * Adds the rows of a cursor, or those of them that `selection` names, in its order. `__time` is
   * LONG, dimensions have their type, metrics are aggregated from whatever they read. Returns by
   * how many rows the segment grew, which with rollup may be fewer than came.
   */
  append(rows: RowCursor, selection?: Uint32Array): number {
    this.#checkUsable();
    const order = selection ?? null;
    const count = selection?.length ?? rows.rowCount;
    const times = this.#readTimes(rows, order, count);
    const before = this.#rowCount;
    if (this.initialSchema.rollup) this.#appendRollup(rows, order, count, times);
    else this.#appendPlain(rows, order, count, times);
    return this.#rowCount - before;
  }

  /** All rows so far, which from now on never change. */
  snapshot(): MutableSnapshot {
    this.#checkUsable();
    this.#closeRows();
    const columns = this.#columns();
    const aggregators = this.#metrics.map(
      ({ aggregator: { name, spec } }) => [name, spec] as const,
    );
    const some = this.#rowCount > 0;
    const handle: MutableSegmentHandle = {
      kind: 'mutable',
      path: `(mutable segment of ${this.initialSchema.dataSource})`,
      rowCount: this.#rowCount,
      minTimeMs: some ? this.#minTimeMs : null,
      maxTimeMs: some ? this.#maxTimeMs : null,
      sortedByTime: this.#sortedByTime,
      columns: columns.map((column) => column.handle()),
      aggregators: new Map(aggregators),
      rollup: this.initialSchema.rollup,
      queryGranularity: this.initialSchema.queryGranularity.spec,
    };
    const known = new Map(columns.map(({ name, knownCells }) => [name, knownCells]));
    return Object.assign(attachMutable(handle, known), { handle });
  }

  /** Gives the memory back; no snapshot may be in use any more. */
  close(): void {
    this.#broken ??= new InternalError('it is closed');
    this.#store.close();
  }

  #columns(): MutableColumn[] {
    const dimensions = this.#dimensions.map(({ column }) => column);
    return [this.#time, ...dimensions, ...this.#metrics.map(({ column }) => column)];
  }

  #checkUsable(): void {
    if (this.#broken === null) return;
    throw new InternalError('mutable segment cannot be used', {}, this.#broken);
  }

  #readTimes(rows: RowCursor, order: RowOrder, count: number): Float64Array {
    const reader = rows.column('__time');
    const times = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      rows.row = positionOf(order, i);
      const value = reader.get();
      if (typeof value !== 'number') throw new InternalError(`__time of a row is ${String(value)}`);
      times[i] = this.#truncate(value);
    }
    return times;
  }

  #appendPlain(rows: RowCursor, order: RowOrder, count: number, times: Float64Array): void {
    const first = this.#rowCount;
    this.#writeDimensions(rows, order, count, times, first);
    for (const { aggregator, column } of this.#metrics) {
      const accumulator = aggregator.accumulator(rows);
      const folded: RowValue = { get: () => accumulator.fold(aggregator.initial()) };
      column.ensure(first + count);
      column.writeRows(folded, rows, order, count, first);
    }
    this.#publish(times, count);
  }

  #writeDimensions(
    rows: RowCursor,
    order: RowOrder,
    count: number,
    times: Float64Array,
    first: number,
  ): void {
    this.#time.ensure(first + count);
    for (let i = 0; i < count; i++) this.#time.write(first + i, times[i]!);
    for (const { schema, column } of this.#dimensions) {
      column.ensure(first + count);
      column.writeRows(rows.column(schema.name), rows, order, count, first);
    }
  }

  #appendRollup(rows: RowCursor, order: RowOrder, count: number, times: Float64Array): void {
    const dimensions = this.#dimensions.map(({ column }) => column);
    const aggregators = this.#metrics.map(({ aggregator }) => aggregator);
    this.#open ??= new OpenRows(this.#rowCount, dimensions, aggregators);
    const open = this.#open;
    const batch = open.match(rows, order, count, times);
    const { newOrder, newTimes } = batch;
    const first = this.#rowCount;
    try {
      this.#writeDimensions(rows, newOrder, newTimes.length, newTimes, first);
      for (const { column } of this.#metrics) column.ensure(first + newTimes.length);
    } catch (error) {
      open.forget(batch);
      throw error;
    }
    try {
      open.fold(rows, order, batch);
    } catch (error) {
      this.#broken = error;
      throw error;
    }
    this.#publish(newTimes, newTimes.length);
  }

  #publish(times: Float64Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const timeMs = times[i]!;
      if (timeMs < this.#lastTimeMs) this.#sortedByTime = false;
      this.#lastTimeMs = timeMs;
      if (timeMs < this.#minTimeMs) this.#minTimeMs = timeMs;
      if (timeMs > this.#maxTimeMs) this.#maxTimeMs = timeMs;
    }
    this.#rowCount += count;
  }

  #openCount(): number {
    return this.#open?.count ?? 0;
  }

  /** Writes the metrics of the open rows, which from then on cannot change. */
  #closeRows(): void {
    const open = this.#open;
    if (open === null) return;
    for (const [m, { column }] of this.#metrics.entries()) {
      const states: readonly State[] = open.states(m);
      for (let i = 0; i < states.length; i++) column.write(open.firstRow + i, states[i] as Value);
    }
    this.#open = null;
  }
}

function makeColumn(
  name: string,
  type: ValueType,
  role: ColumnDescription['role'],
  handling: DimensionSchema['multiValueHandling'],
  store: ArenaStore,
): MutableColumn {
  if (type === 'STRING') return new StringColumn(name, role, handling, store);
  if (type === 'LONG') return new LongColumn(name, role, store);
  if (type === 'DOUBLE') return new DoubleColumn(name, role, store);
  if (type === 'FLOAT') return new FloatColumn(name, role, store);
  if (isComplexType(type)) return new ComplexColumn(name, type, role, store);
  throw new UnsupportedError(
    `column ${name} of type ${type} cannot be stored; aggregate it at query time`,
  );
}
