import { z } from 'zod';
import { isJsonObject, type JsonObject, type Pace, type Turns } from '../../core/index.js';
import { parseOneOf, type SpecFamily, type SpecReader } from '../../model/index.js';
import {
  childField,
  flagField,
  integerField,
  isAbsent,
  namesField,
  readFields,
  wordField,
} from '../native/fields.js';
import { ascending, compareRows, readColumnOrders, runsOf } from './row-order.js';
import type { WindowRows } from './window-rows.js';

/** Which rows of its partition belong to a row. */
export type Frame =
  | { readonly unit: 'partition' }
  /** From `lower` rows behind its own to `upper` behind it; negative: before it; null: to the end of the partition. */
  | { readonly unit: 'rows'; readonly lower: number | null; readonly upper: number | null }
  /** The same in groups of neighbours that are equal in `orderBy`. */
  | {
      readonly unit: 'groups';
      readonly lower: number | null;
      readonly upper: number | null;
      readonly orderBy: readonly string[];
    };

const OffsetsSchema = z.object({ lowerOffset: integerField, upperOffset: integerField });

const readUnbounded: SpecReader<Frame> = () => ({ unit: 'partition' });

const readRows: SpecReader<Frame> = (json, field) => {
  const { lowerOffset, upperOffset } = readFields(OffsetsSchema, json, field);
  return { unit: 'rows', lower: lowerOffset, upper: upperOffset };
};

const readGroups: SpecReader<Frame> = (json, field) => {
  const { lowerOffset, upperOffset } = readFields(OffsetsSchema, json, field);
  const orderBy = readOrderBy(json, field);
  return { unit: 'groups', lower: lowerOffset, upper: upperOffset, orderBy };
};

const OrderSchema = z.object({ orderByColumns: namesField });

/** Names of columns; some versions of Druid write them with directions, which do not matter here. */
const readOrderBy = (json: JsonObject, field: string): readonly string[] =>
  isAbsent(json.orderByColumns)
    ? readColumnOrders(json.orderBy, childField(field, 'orderBy')).map(({ column }) => column)
    : readFields(OrderSchema, json, field).orderByColumns;

const FAMILY: SpecFamily<Frame> = {
  role: 'WindowFrame',
  types: new Map([
    ['unbounded', readUnbounded],
    ['rows', readRows],
    ['groups', readGroups],
    ['group', readGroups],
  ]),
};

const OlderSchema = z.object({
  peerType: wordField(['ROWS', 'RANGE'], 'ROWS'),
  lowUnbounded: flagField(false),
  lowOffset: integerField,
  uppUnbounded: flagField(false),
  uppOffset: integerField,
});

/** Older versions count the rows, or the groups of a RANGE, before the own one by `lowOffset`, those behind it by `uppOffset`. */
function readOlder(json: JsonObject, field: string): Frame {
  const read = readFields(OlderSchema, json, field);
  const lower = read.lowUnbounded ? null : 0 - (read.lowOffset ?? 0);
  const upper = read.uppUnbounded ? null : (read.uppOffset ?? 0);
  return read.peerType === 'ROWS'
    ? { unit: 'rows', lower, upper }
    : { unit: 'groups', lower, upper, orderBy: readOrderBy(json, field) };
}

/** Reads a frame of either form. Throws a UserError that names the field. */
export const readFrame = (json: unknown, field: string): Frame =>
  isJsonObject(json) && isAbsent(json.type) && !isAbsent(json.peerType)
    ? readOlder(json, field)
    : parseOneOf(FAMILY, json, field);

/** By position: the first position of its frame, and the one behind its last. Neither ever falls within a partition. */
export interface Bounds {
  readonly lower: Uint32Array;
  readonly upper: Uint32Array;
}

export function* boundsOf(
  frame: Frame,
  rows: WindowRows,
  field: string,
  pace: Pace,
): Turns<Bounds> {
  const { starts, rowCount } = rows;
  const bounds = { lower: new Uint32Array(rowCount), upper: new Uint32Array(rowCount) };
  if (frame.unit === 'groups') {
    const compare = compareRows(rows, ascending(frame.orderBy), field);
    const groups = yield* runsOf(rows, starts, compare, pace);
    yield* fillByGroups(bounds, frame, starts, groups, pace);
    return bounds;
  }
  const offsets = frame.unit === 'rows' ? frame : WHOLE;
  for (let part = 0; part < rows.partitionCount; part++) {
    const [from, to] = [starts[part]!, starts[part + 1]!];
    for (let at = from; at < to; at++) {
      const lower = offsets.lower === null ? from : within(at + offsets.lower, from, to);
      const upper = offsets.upper === null ? to : within(at + offsets.upper + 1, from, to);
      bounds.lower[at] = lower;
      bounds.upper[at] = Math.max(lower, upper);
      if (pace.isDue(1)) yield;
    }
  }
  return bounds;
}

const WHOLE = { lower: null, upper: null };

const within = (position: number, from: number, to: number): number =>
  Math.max(from, Math.min(position, to));

/** `groups` are runs of rows inside of partitions. */
function* fillByGroups(
  bounds: Bounds,
  frame: { readonly lower: number | null; readonly upper: number | null },
  starts: Uint32Array,
  groups: Uint32Array,
  pace: Pace,
): Turns<void> {
  let first = 0;
  for (let part = 0; part < starts.length - 1; part++) {
    let end = first;
    while (groups[end]! < starts[part + 1]!) end++;
    for (let group = first; group < end; group++) {
      const lower = frame.lower === null ? first : within(group + frame.lower, first, end);
      const upper = frame.upper === null ? end : within(group + frame.upper + 1, first, end);
      const [from, to] = [groups[group]!, groups[group + 1]!];
      bounds.lower.fill(groups[lower]!, from, to);
      bounds.upper.fill(groups[Math.max(lower, upper)]!, from, to);
      if (pace.isDue(to - from)) yield;
    }
    first = end;
  }
}
