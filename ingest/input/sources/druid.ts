import { z } from 'zod';
import { ArenaPool, type Disk } from '../../../core/index.js';
import {
  type Filter,
  type Interval,
  parseFilter,
  parseInterval,
  TRUE,
  type ValueType,
} from '../../../model/index.js';
import { openSegment, type Segment, type SegmentCursor } from '../../../segments/index.js';
import { jsonField, readFields, requiredText } from '../../spec/fields.js';
import type { InputBatch } from '../batch.js';
import type { SliceFiles, TableRange, TableSource } from './source.js';

const DruidSpec = z.object({ dataSource: requiredText, interval: requiredText, filter: jsonField });

const BATCH_ROWS = 8192;
const ARENA_BYTES = 2 ** 20;

/** What is stored of a table in an interval, read again: `__time` and every column, in their types. */
export function readDruid(json: unknown, field: string): TableSource {
  const { dataSource, interval, filter } = readFields(DruidSpec, json, field);
  return new DruidSource(
    { dataSource, interval: parseInterval(interval, `${field}.interval`) },
    filter === undefined || filter === null ? null : parseFilter(filter, `${field}.filter`),
  );
}

class DruidSource implements TableSource {
  readonly type = 'druid';

  constructor(
    readonly table: TableRange,
    private readonly filter: Filter | null,
  ) {}

  get isFiltered(): boolean {
    return this.filter !== null;
  }

  check(): void {}

  /** One segment at a time is in memory. */
  async *batches(disk: Disk, slices: SliceFiles): AsyncGenerator<InputBatch> {
    for await (const { path, interval } of slices) {
      const pool = new ArenaPool({ arenaBytes: ARENA_BYTES, maxBytes: Number.MAX_SAFE_INTEGER });
      const segment = openSegment(disk, path, pool);
      try {
        yield* this.#read(segment, interval, disk.stat(path)?.sizeBytes ?? 0);
      } finally {
        segment.close();
      }
    }
  }

  *#read(segment: Segment, interval: Interval, sizeBytes: number): Generator<InputBatch> {
    const cursor = segment.cursor();
    const types = new Map(segment.columns.map(({ name, type }) => [name, type]));
    const rows = this.#rows(cursor, interval);
    for (let start = 0; start < rows.length; start += BATCH_ROWS) {
      const selection = rows.subarray(start, start + BATCH_ROWS);
      yield {
        rowCount: selection.length,
        columns: cellsOf(cursor, types, selection),
        types,
        isStored: true,
        bad: [],
        bytes: Math.floor((sizeBytes * selection.length) / segment.rowCount),
      };
    }
  }

  /** The rows in the interval that the filter passes. */
  #rows(cursor: SegmentCursor, { startMs, endMs }: Interval): Uint32Array {
    const matches = this.filter?.predicate(cursor) ?? (() => TRUE);
    const rows = new Uint32Array(cursor.rowCount);
    let count = 0;
    for (cursor.row = 0; cursor.row < cursor.rowCount; cursor.row++) {
      const timeMs = cursor.timeMs();
      if (timeMs >= startMs && timeMs < endMs && matches() === TRUE) rows[count++] = cursor.row;
    }
    return rows.subarray(0, count);
  }
}

function cellsOf(
  cursor: SegmentCursor,
  types: ReadonlyMap<string, ValueType>,
  rows: Uint32Array,
): Map<string, unknown[]> {
  const columns = new Map<string, unknown[]>();
  for (const name of types.keys()) {
    const reader = cursor.column(name);
    const cells = new Array<unknown>(rows.length);
    for (let i = 0; i < rows.length; i++) {
      cursor.row = rows[i]!;
      cells[i] = reader.get();
    }
    columns.set(name, cells);
  }
  return columns;
}
