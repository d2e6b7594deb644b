import type { Aggregator, RowCursor } from '../../model/index.js';
import type { LongWords } from '../encodings/vector.js';
import { type FoldForm, foldDoubles, foldLongs } from '../seal/fold.js';
import { doublesIn, gatherDoubles, gatherWords, longsIn } from '../seal/number-columns.js';
import type { Picks } from '../seal/picks.js';
import { countingUp } from '../seal/time-order.js';
import type { StoredColumn } from './stored-rows.js';

/** The rows of each base record: [ends[r - 1], ends[r]) of `rows`, ascending. */
export interface RecordRows {
  readonly rows: Uint32Array;
  readonly ends: Uint32Array;
}

/** Rows of which columns may lie in memory. */
export interface RowsOfRecords extends RowCursor {
  stored(name: string): Pick<StoredColumn, 'memory'> | null;
}

/** What an aggregator makes of the rows of each base record, told by loops over numbers; null where only its accumulator can tell. */
export function foldedRows(
  aggregator: Aggregator,
  { rows, ends }: RecordRows,
  source: RowsOfRecords,
) {
  const { form, storedType } = aggregator;
  if (form?.kind === 'count') return rowCounts(ends);
  if (form === undefined || !('input' in form)) return null;
  const { kind, type, input } = form;
  if (input.expression !== null || type !== storedType) return null;
  const column = source.stored(input.inputs[0]!);
  if (column?.memory?.scan.type !== type) return null;
  const { memory } = column;
  const starts = startsOf(ends);
  const picks: Picks[] = [{ input: 0, rows, targets: countingUp(rows.length) }];
  if (type === 'LONG') {
    const longs = longsIn(memory, source.rowCount, null);
    return foldLongs(gatherWords([longs], picks, rows.length), starts, kind satisfies FoldForm);
  }
  const doubles = doublesIn(memory, source.rowCount);
  return foldDoubles(gatherDoubles([doubles], picks, rows.length, type), starts, kind);
}

function rowCounts(ends: Uint32Array): LongWords {
  const rowCount = ends.length;
  const words = new Uint32Array(2 * rowCount);
  for (let i = 0; i < rowCount; i++) words[2 * i] = ends[i]! - (i === 0 ? 0 : ends[i - 1]!);
  return { kind: 'LONG', layout: 'words', rowCount, words, nulls: null };
}

function startsOf(ends: Uint32Array): Uint32Array {
  const starts = new Uint32Array(ends.length + 1);
  starts.set(ends, 1);
  return starts;
}
