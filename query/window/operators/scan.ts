import { z } from 'zod';
import {
  inOrder,
  isJsonObject,
  type JsonObject,
  type Pace,
  type Turns,
} from '../../../core/index.js';
import {
  parseFilter,
  parseInterval,
  type SpecReader,
  TRUE,
  withVirtualColumns,
} from '../../../model/index.js';
import { readVirtualColumns } from '../../native/base.js';
import {
  badField,
  childField,
  integerField,
  isAbsent,
  namesField,
  optionalTextField,
  readFields,
  shown,
} from '../../native/fields.js';
import { QueryNames } from '../../plan/query-names.js';
import { compareRows, readColumnOrders } from '../row-order.js';
import type { WindowColumn, WindowRows } from '../window-rows.js';
import type { RowScan, WindowOperator } from './operator.js';

const Schema = z.object({ timeRange: optionalTextField, projectedColumns: namesField });
const OffsetLimitSchema = z.object({ offset: integerField, limit: integerField });

/**
 * Computes, filters, orders and cuts rows. Those that pass a filter stay in their partitions; an order makes one partition of
 * all, and a limit counts the rows of all.
 */
export const readScanOperator: SpecReader<WindowOperator> = (json, field) => {
  const scan = readScan(json, field);
  const { virtualColumns, filter, ordering, timeRange } = scan;
  const computed = virtualColumns.map(({ name }) => name);
  const used = [...computed, ...(filter?.inputs ?? []), ...ordering.map(({ column }) => column)];
  if (timeRange !== null) used.push('__time');
  return {
    inputs: [...new QueryNames(virtualColumns).storedBehind(used)],
    outputs: computed,
    scan,
    *run(rows, pace) {
      const all = rows.with(yield* computedColumns(scan, rows, pace));
      const kept = yield* keptRows(scan, all, pace);
      const sorted =
        ordering.length === 0
          ? kept
          : kept.arranged(
              yield* inOrder(
                kept.order,
                compareRows(kept, ordering, childField(field, 'ordering')),
              ),
            );
      const cut = cutRows(scan, sorted);
      const { projectedColumns } = scan;
      return projectedColumns === null ? cut : cut.withColumns(new Set(projectedColumns));
    },
  };
};

function readScan(json: JsonObject, field: string): RowScan {
  const { timeRange, projectedColumns } = readFields(Schema, json, field);
  return {
    ...readOffsetLimit(json.offsetLimit, childField(field, 'offsetLimit')),
    timeRange: timeRange === null ? null : parseInterval(timeRange, childField(field, 'timeRange')),
    filter: isAbsent(json.filter) ? null : parseFilter(json.filter, childField(field, 'filter')),
    virtualColumns: readVirtualColumns(json.virtualColumns, childField(field, 'virtualColumns')),
    ordering: readColumnOrders(json.ordering, childField(field, 'ordering')),
    projectedColumns: projectedColumns.length === 0 ? null : projectedColumns,
  };
}

/** A negative limit is none, as Druid writes it. */
function readOffsetLimit(json: unknown, field: string): Pick<RowScan, 'offset' | 'limit'> {
  if (isAbsent(json)) return { offset: 0, limit: null };
  if (!isJsonObject(json)) throw badField(field, `want an object; got ${shown(json)}`);
  const { offset, limit } = readFields(OffsetLimitSchema, json, field);
  if (offset !== null && offset < 0) {
    throw badField(childField(field, 'offset'), `want 0 or more; got ${offset}`);
  }
  return { offset: offset ?? 0, limit: limit === null || limit < 0 ? null : limit };
}

function* computedColumns(
  { virtualColumns }: RowScan,
  rows: WindowRows,
  pace: Pace,
): Turns<WindowColumn[]> {
  const cursor = rows.cursor();
  const source = withVirtualColumns(cursor, virtualColumns);
  const columns: WindowColumn[] = [];
  for (const { name } of virtualColumns) {
    const reader = source.column(name);
    const values = rows.newValues();
    for (const id of rows.order) {
      cursor.row = id;
      values[id] = reader.get();
      if (pace.isDue(1)) yield;
    }
    columns.push({ name, type: reader.type, values });
  }
  return columns;
}

function* keptRows(scan: RowScan, rows: WindowRows, pace: Pace): Turns<WindowRows> {
  const { filter, timeRange } = scan;
  if (filter === null && timeRange === null) return rows;
  const cursor = rows.cursor();
  const passes = filter?.predicate(cursor) ?? null;
  const inTime = timeTest(scan, rows);
  const order = new Uint32Array(rows.rowCount);
  const starts = new Uint32Array(rows.starts.length);
  let [count, parts] = [0, 0];
  for (let part = 0; part < rows.partitionCount; part++) {
    const first = count;
    for (let at = rows.starts[part]!; at < rows.starts[part + 1]!; at++) {
      const id = rows.order[at]!;
      cursor.row = id;
      if (inTime(id) && (passes === null || passes() === TRUE)) order[count++] = id;
      if (pace.isDue(1)) yield;
    }
    if (count > first) starts[parts++] = first;
  }
  starts[parts] = count;
  return rows.arranged(order.slice(0, count), starts.slice(0, parts + 1));
}

/** As everywhere, rows without a time lie in all of it, and one whose time is null is at the epoch. */
function timeTest({ timeRange }: RowScan, rows: WindowRows): (id: number) => boolean {
  const times = rows.columns.get('__time')?.values;
  if (timeRange === null || times === undefined) return () => true;
  const { startMs, endMs } = timeRange;
  return (id) => {
    const timeMs = Number(times[id] ?? 0);
    return startMs <= timeMs && timeMs < endMs;
  };
}

function cutRows({ offset, limit }: RowScan, rows: WindowRows): WindowRows {
  if (offset === 0 && limit === null) return rows;
  const from = Math.min(offset, rows.rowCount);
  const to = limit === null ? rows.rowCount : Math.min(from + limit, rows.rowCount);
  const starts = rows.starts
    .map((start) => Math.max(from, Math.min(start, to)) - from)
    .filter((start, i, all) => i === 0 || start !== all[i - 1]);
  return rows.arranged(rows.order.slice(from, to), starts);
}
