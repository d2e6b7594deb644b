import { utf8Decode, utf8Encode } from '../../../core/index.js';
import { formatInstant } from '../../../model/index.js';
import type { InputBatch } from '../../input/batch.js';
import type { BatchCursor } from '../../rows/batch-cursor.js';
import type { BatchReader } from '../../rows/batch-reader.js';
import type { RowFates } from '../../rows/row-fates.js';
import type { RowSpec } from '../../spec/task-spec.js';
import type { BodyRows } from '../bodies/body.js';
import type { RowPolicy } from '../spec/settings.js';
import type { LetterReason, RowError } from '../types.js';
import { refuseSurplusColumns } from './discovered-columns.js';

/** The times that are wanted, and what to do with the others. */
export interface TimeBounds {
  /** Rows before it are late. */
  readonly lateBeforeMs: number;
  readonly late: RowPolicy;
  /** Rows behind it are of the future. */
  readonly futureAfterMs: number;
  readonly future: RowPolicy;
}

/** All times are welcome. */
export const ANY_TIME: TimeBounds = {
  lateBeforeMs: Number.NEGATIVE_INFINITY,
  late: 'accept',
  futureAfterMs: Number.POSITIVE_INFINITY,
  future: 'accept',
};

export interface JudgedRows {
  readonly cursor: BatchCursor;
  /** By row of the cursor. */
  readonly times: Float64Array;
  /** The rows of the cursor to store, ascending. */
  readonly kept: Uint32Array;
  /** The others and those that could not even be read, by number in the body, ascending. */
  readonly refused: readonly RowError[];
}

const MAX_MESSAGE_CHARS = 500;

const MEND = 'mend the value, or send it under another name';

/** Decides what becomes of each row of a body. */
export function judgeRows(
  rows: BodyRows,
  reader: BatchReader,
  { dimensions }: RowSpec,
  bounds: TimeBounds,
): JudgedRows {
  const refused: RowError[] = [];
  const refuse = (row: number, reason: LetterReason, message: string) =>
    refused.push({ row, reason, message: shortened(message) });
  for (const { row, reason, message } of rows.bad) refuse(row, reason, message);
  const { numbers } = rows;
  const known = reader.dimensions;
  const { batch } = rows;
  const { cursor, times, kept, fates } = reader.read(batch, (stamps, open) => {
    const refuseOpen = (row: number, reason: LetterReason, message: string): void => {
      refuse(numbers[row]!, reason, message);
      open.throwAway(row, 'it was refused');
    };
    judgeTimes(stamps, open, bounds, refuseOpen);
    refuseSurplusColumns(batch, known, dimensions, open, refuseOpen);
  });
  for (const [row, { step, reason }] of fates.lost) refuse(numbers[row]!, step, reason);
  const misfits = fates.errors;
  for (const [row, reasons] of misfits) {
    refuse(numbers[row]!, 'type', `${reasons.join('; ')}; ${MEND}`);
  }
  refused.sort((a, b) => a.row - b.row);
  const fitting = misfits.size === 0 ? kept : kept.filter((row) => !misfits.has(row));
  return { cursor, times, kept: fitting, refused };
}

/** Refuses rows whose time is not wanted. */
function judgeTimes(
  times: Float64Array,
  fates: RowFates,
  { lateBeforeMs, late, futureAfterMs, future }: TimeBounds,
  refuse: (row: number, reason: LetterReason, message: string) => void,
): void {
  if (late === 'accept' && future === 'accept') return;
  for (const row of fates.kept()) {
    const timeMs = times[row]!;
    if (timeMs < lateBeforeMs && late !== 'accept') {
      refuse(
        row,
        'late',
        `the time ${formatInstant(timeMs)} is late: rows before ${formatInstant(lateBeforeMs)} are not taken any more`,
      );
    } else if (timeMs > futureAfterMs && future !== 'accept') {
      refuse(
        row,
        'future',
        `the time ${formatInstant(timeMs)} lies ahead: rows behind ${formatInstant(futureAfterMs)} are not taken yet`,
      );
    }
  }
}

/** Short, and such that UTF-8 holds it as it is. */
const shortened = (message: string): string =>
  utf8Decode(utf8Encode(message.slice(0, MAX_MESSAGE_CHARS)));

/** The latest time of rows that are stored and not of the future; minus infinity when there are none. */
export function latestTime(
  { times, kept }: Pick<JudgedRows, 'times' | 'kept'>,
  { futureAfterMs }: TimeBounds,
): number {
  let latestMs = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < kept.length; i++) {
    const timeMs = times[kept[i]!]!;
    if (timeMs > latestMs && timeMs <= futureAfterMs) latestMs = timeMs;
  }
  return latestMs;
}

/** The batch with a column that has one value. */
export function withColumn(batch: InputBatch, name: string, value: unknown): InputBatch {
  const columns = new Map(batch.columns);
  columns.set(name, new Array<unknown>(batch.rowCount).fill(value));
  return { ...batch, columns };
}
