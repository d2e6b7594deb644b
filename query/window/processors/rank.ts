import { z } from 'zod';
import type { JsonObject, Pace, Turns } from '../../../core/index.js';
import type { SpecReader, Value, ValueType } from '../../../model/index.js';
import { childField, flagField, namesField, readFields, textField } from '../../native/fields.js';
import { ascending, compareRows, runsOf } from '../row-order.js';
import type { WindowRows } from '../window-rows.js';
import type { Processor } from './processor.js';

const Schema = z.object({ outputColumn: textField, group: namesField });
const RankSchema = Schema.extend({ asPercent: flagField(false) });

/** How many rows come before the row's peers, and one; with `asPercent` their share of the other rows. */
export const readRank: SpecReader<Processor> = (json, field) =>
  readFields(RankSchema, json, field).asPercent
    ? byPeers(json, field, 'DOUBLE', percentRank)
    : byPeers(json, field, 'LONG', ({ before }) => before + 1);

const percentRank = ({ before, rowCount }: Peers): number =>
  rowCount === 1 ? 0 : before / (rowCount - 1);

/** How many groups of peers there are up to the row's own. */
export const readDenseRank: SpecReader<Processor> = (json, field) =>
  byPeers(json, field, 'LONG', ({ index }) => index + 1);

/** The share of rows up to the row's last peer. */
export const readCumeDist: SpecReader<Processor> = (json, field) =>
  byPeers(json, field, 'DOUBLE', ({ end, rowCount }) => end / rowCount);

/** Neighbours that are equal in the columns of `group`, and their place in the partition. */
interface Peers {
  /** Which group of peers it is. */
  readonly index: number;
  /** How many rows there are before them, how many with them, and how many in all. */
  readonly before: number;
  readonly end: number;
  readonly rowCount: number;
}

function byPeers(
  json: JsonObject,
  field: string,
  type: ValueType,
  rankOf: (peers: Peers) => number,
): Processor {
  const { outputColumn: name, group } = readFields(Schema, json, field);
  return {
    inputs: group,
    outputs: [name],
    *process(rows, pace) {
      const compare = compareRows(rows, ascending(group), childField(field, 'group'));
      const peers = yield* runsOf(rows, rows.starts, compare, pace);
      return [{ name, type, values: yield* valuesByPeers(rows, peers, rankOf, pace) }];
    },
  };
}

function* valuesByPeers(
  rows: WindowRows,
  peers: Uint32Array,
  rankOf: (peers: Peers) => number,
  pace: Pace,
): Turns<Value[]> {
  const values = rows.newValues();
  let part = 0;
  let first = 0;
  for (let run = 0; run < peers.length - 1; run++) {
    const [start, end] = [peers[run]!, peers[run + 1]!];
    if (start === rows.starts[part + 1]) {
      part++;
      first = run;
    }
    const from = rows.starts[part]!;
    const rowCount = rows.starts[part + 1]! - from;
    const value = rankOf({ index: run - first, before: start - from, end: end - from, rowCount });
    for (let at = start; at < end; at++) values[rows.order[at]!] = value;
    if (pace.isDue(end - start)) yield;
  }
  return values;
}
