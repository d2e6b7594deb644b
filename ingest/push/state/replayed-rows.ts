import { valueIn } from '../../input/batch.js';
import { BatchBuilder } from '../../input/batch-builder.js';
import type { BadRow, BodyRows } from '../bodies/body.js';
import { rawRow } from '../bodies/raw-row.js';
import { readBody } from '../bodies/read-body.js';
import type { ReplayedLetter } from '../command.js';

/**
 * Dead letters as the rows of one body; row numbers are places in `letters`. Those for which `whyLost`
 * gives a reason are bad, whatever they hold.
 */
export function replayedRows(
  letters: readonly ReplayedLetter[],
  maxRowBytes: number,
  whyLost: (letter: number) => string | null,
): BodyRows {
  const batch = new BatchBuilder();
  const numbers: number[] = [];
  const bad: BadRow[] = [];
  let bytes = 0;
  for (const [row, letter] of letters.entries()) {
    bytes += letter.raw.length;
    const lost = whyLost(letter.letter);
    const problem: Omit<BadRow, 'row'> | null =
      lost === null
        ? addLetter(letter, batch, maxRowBytes)
        : { reason: 'malformed', message: lost };
    if (problem === null) numbers.push(row);
    else {
      const message = `letter ${letter.letter}: ${problem.message}`;
      bad.push({ row, reason: problem.reason, message });
    }
  }
  return {
    count: letters.length,
    batch: batch.build(bytes),
    numbers: Uint32Array.from(numbers),
    bad,
    raw: (row) => rawRow(letters[row]!.format, letters[row]!.raw),
  };
}

/** Adds the row of a letter, or says why there is none. */
function addLetter(
  { format, raw, truncated }: ReplayedLetter,
  batch: BatchBuilder,
  maxRowBytes: number,
): Omit<BadRow, 'row'> | null {
  if (truncated) {
    const message = 'only the beginning of the row was kept; send it again from its source';
    return { reason: 'oversized', message };
  }
  const rows = readBody(format, raw, { maxRowBytes, columns: null });
  if (rows.bad.length > 0) return rows.bad[0]!;
  if (rows.count !== 1) return { reason: 'malformed', message: `it holds ${rows.count} rows` };
  for (const [name, values] of rows.batch.columns) batch.set(name, valueIn(values, 0));
  batch.endRecord();
  return null;
}
