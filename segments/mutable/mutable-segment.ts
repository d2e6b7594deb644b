import { threadId } from 'node:worker_threads';
import { type ArenaPool, InternalError, type JsonObject, Room } from '../../core/index.js';
import {
  type Aggregator,
  type ColumnReader,
  isArrayType,
  isComplexType,
  JSON_TYPE,
  NULL_READER,
  type RowCursor,
  type State,
  type Value,
  type ValueType,
} from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { type DimensionSchema, type SegmentSchema, timeTruncation } from '../schema.js';
import type { Segment } from '../types.js';
import { ArrayColumn } from './array-column.js';
import { attachMutable } from './attach.js';
import { type MutableColumn, positionOf, type RowOrder, type RowValue } from './column.js';
import { ComplexColumn } from './complex-column.js';
import { DoubleColumn } from './double-column.js';
import type { MutableSegmentHandle } from './handle.js';
import { JsonColumn } from './json-column.js';
import { Layouts } from './layout.js';
import { LongColumn } from './long-column.js';
import { OpenRows } from './open-rows.js';
import { StringColumn } from './string-column.js';

/** What an open metric state costs on the JavaScript heap, about. */
const STATE_HEAP_BYTES = 48;

/** A segment with as many rows, or as many bytes, should take no more: what comes next begins another one. */
const FULL_ROWS = 1 << 20;
const FULL_BYTES = 256 * 2 ** 20;

/** Of this thread. */
let segments = 0;

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
 *          write behind it. It is valid until its layout is released, or `close`.
 * Layout   all columns lie in one range of an arena, as those of a file do (`layout.ts`). What is outgrown stays there
 *          for those who read it until `releaseBefore`.
 * Failure  an append that throws adds nothing, save where an aggregator throws while folding into
 *          rows that were already open: that is a bug, and the segment refuses further use.
 */
export class MutableSegment {
  readonly #name = `${threadId}.${++segments}`;
  readonly #layouts: Layouts;
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
  readonly #timesRoom = new Room();

  constructor(
    private readonly initialSchema: SegmentSchema,
    pool: ArenaPool,
  ) {
    this.#layouts = new Layouts(pool);
    this.#time = new LongColumn('__time', 'time', 8);
    this.#truncate = timeTruncation(initialSchema);
    this.#metrics = initialSchema.metrics.map((aggregator) => {
      const { name, storedType } = aggregator;
      return { aggregator, column: makeColumn(name, storedType, 'metric', 'ARRAY') };
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
    return this.#layouts.sizeBytes + columns + states + (this.#open?.sizeBytes ?? 0);
  }

  /** Whether the next rows should go to another segment. */
  get isFull(): boolean {
    return this.#rowCount >= FULL_ROWS || this.sizeBytes >= FULL_BYTES;
  }

  /** Adds a dimension behind the others; rows so far have null in it. */
  addDimension(schema: DimensionSchema): void {
    this.#checkUsable();
    const { name, type, multiValueHandling } = schema;
    if (this.#columns().some((column) => column.name === name)) {
      throw new InternalError(`mutable segment already has a column ${name}`);
    }
    this.#closeRows();
    const column = makeColumn(name, type, 'dimension', multiValueHandling);
    const dimensions = [...this.#dimensions, { schema, column }];
    if (this.#rowCount > 0) {
      column.stage(NULL_READER, noRows(), null, this.#rowCount);
      column.reserve(this.#rowCount);
      this.#layouts.ensure([...this.#parts(), ...column.parts]);
      column.store(null, 0);
    }
    this.#dimensions = dimensions;
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
    if (this.initialSchema.rollup) this.#appendRollup(rows, order, times);
    else this.#appendPlain(rows, order, count, times);
    return this.#rowCount - before;
  }

  /** All rows so far, which from now on never change. Throws ResourceLimitError when there is no room to close open rows. */
  snapshot(): MutableSnapshot {
    this.#checkUsable();
    this.#closeRows();
    const columns = this.#columns();
    if (this.#rowCount === 0) this.#storeRows(columns, new Uint32Array(0), 0);
    const some = this.#rowCount > 0;
    const handle: MutableSegmentHandle = {
      kind: 'mutable',
      path: `(mutable segment of ${this.initialSchema.dataSource})`,
      segment: this.#name,
      ...this.#layouts.show(),
      rowCount: this.#rowCount,
      minTimeMs: some ? this.#minTimeMs : null,
      maxTimeMs: some ? this.#maxTimeMs : null,
      sortedByTime: this.#sortedByTime,
      columns: this.#entries(),
      rollup: this.initialSchema.rollup,
      queryGranularity: this.initialSchema.queryGranularity.spec,
    };
    const known = new Map(columns.map(({ name, knownCells }) => [name, knownCells]));
    return Object.assign(attachMutable(handle, known), { handle });
  }

  /** Gives back what only snapshots of earlier layouts read: none of them may be in use any more. */
  releaseBefore(layout: number): void {
    this.#layouts.releaseBefore(layout);
  }

  /** Gives the memory back; no snapshot may be in use any more. */
  close(): void {
    this.#broken ??= new InternalError('it is closed');
    this.#layouts.close();
  }

  #columns(): MutableColumn[] {
    const dimensions = this.#dimensions.map(({ column }) => column);
    return [this.#time, ...dimensions, ...this.#metrics.map(({ column }) => column)];
  }

  #parts() {
    return this.#columns().flatMap(({ parts }) => parts);
  }

  #entries(): ColumnEntry[] {
    const specs = new Map(this.#metrics.map(({ aggregator: { name, spec } }) => [name, spec]));
    const autos = new Map(this.#dimensions.map(({ schema: { name, auto } }) => [name, auto]));
    return this.#columns().map((column) => {
      const aggregator = (specs.get(column.name) ?? null) as JsonObject | null;
      const auto = autos.get(column.name);
      return { ...column.entry(), ...(auto && { auto }), aggregator };
    });
  }

  #checkUsable(): void {
    if (this.#broken === null) return;
    throw new InternalError('mutable segment cannot be used', {}, this.#broken);
  }

  #readTimes(rows: RowCursor, order: RowOrder, count: number): Float64Array {
    const reader = rows.column('__time');
    const times = this.#timesRoom.doubles(count);
    if (reader.vector?.kind === 'integers') {
      const { values } = reader.vector;
      for (let i = 0; i < count; i++) times[i] = this.#truncate(values[positionOf(order, i)]!);
      return times;
    }
    for (let i = 0; i < count; i++) {
      rows.row = positionOf(order, i);
      const value = reader.get();
      if (typeof value !== 'number') throw new InternalError(`__time of a row is ${String(value)}`);
      times[i] = this.#truncate(value);
    }
    return times;
  }

  #appendPlain(rows: RowCursor, order: RowOrder, count: number, times: Float64Array): void {
    this.#stageDimensions(rows, order, times);
    for (const { aggregator, column } of this.#metrics) {
      const accumulator = aggregator.accumulator(rows);
      const folded: RowValue = { get: () => accumulator.fold(aggregator.initial()) };
      column.stage(folded, rows, order, count);
    }
    this.#storeRows(this.#columns(), null, this.#rowCount + count);
    this.#publish(times);
  }

  #stageDimensions(rows: RowCursor, order: RowOrder, times: Float64Array): void {
    this.#time.stage(timesReader(times), noRows(), null, times.length);
    for (const { schema, column } of this.#dimensions) {
      column.stage(rows.column(schema.name), rows, order, times.length);
    }
  }

  /** Stores staged rows behind those there are, which makes `rowCount` of them. */
  #storeRows(
    columns: readonly MutableColumn[],
    picks: Uint32Array | null,
    rowCount: number,
    firstRow = this.#rowCount,
  ): void {
    for (const column of columns) column.reserve(rowCount);
    this.#layouts.ensure(this.#parts());
    for (const column of columns) column.store(picks, firstRow);
  }

  #appendRollup(rows: RowCursor, order: RowOrder, times: Float64Array): void {
    const dimensions = this.#dimensions.map(({ column }) => column);
    const aggregators = this.#metrics.map(({ aggregator }) => aggregator);
    this.#stageDimensions(rows, order, times);
    this.#open ??= new OpenRows(this.#rowCount, dimensions, aggregators);
    const open = this.#open;
    const batch = open.match(times);
    const { newRows, newTimes } = batch;
    try {
      this.#storeRows([this.#time, ...dimensions], newRows, this.#rowCount + newRows.length);
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
    this.#publish(newTimes);
  }

  #publish(times: Float64Array): void {
    for (let i = 0; i < times.length; i++) {
      const timeMs = times[i]!;
      if (timeMs < this.#lastTimeMs) this.#sortedByTime = false;
      this.#lastTimeMs = timeMs;
      if (timeMs < this.#minTimeMs) this.#minTimeMs = timeMs;
      if (timeMs > this.#maxTimeMs) this.#maxTimeMs = timeMs;
    }
    this.#rowCount += times.length;
  }

  #openCount(): number {
    return this.#open?.count ?? 0;
  }

  /** Writes the metrics of the open rows, which from then on cannot change. */
  #closeRows(): void {
    const open = this.#open;
    if (open === null) return;
    const count = open.count;
    for (const [m, { column }] of this.#metrics.entries()) {
      const rows = noRows();
      const states: readonly State[] = open.states(m);
      column.stage({ get: () => states[rows.row] as Value }, rows, null, count);
    }
    const columns = this.#metrics.map(({ column }) => column);
    this.#storeRows(columns, null, open.firstRow + count, open.firstRow);
    this.#open = null;
  }
}

/** Rows to stand on, without columns. */
const noRows = (): RowCursor => ({ row: 0, rowCount: 0, column: () => NULL_READER });

const timesReader = (values: Float64Array): ColumnReader => ({
  type: 'LONG',
  multiValue: false,
  exists: true,
  get: () => null,
  vector: { kind: 'integers', values, nulls: null },
});

function makeColumn(
  name: string,
  type: ValueType,
  role: ColumnEntry['role'],
  handling: DimensionSchema['multiValueHandling'],
): MutableColumn {
  if (type === 'STRING') return new StringColumn(name, role, handling);
  if (type === 'LONG') return new LongColumn(name, role);
  if (type === 'DOUBLE' || type === 'FLOAT') return new DoubleColumn(name, type, role);
  if (isArrayType(type)) return new ArrayColumn(name, type, role);
  if (type === JSON_TYPE) return new JsonColumn(name, role);
  if (isComplexType(type)) return new ComplexColumn(name, type, role);
  throw new InternalError(`a column of type ${type} cannot be stored`);
}
