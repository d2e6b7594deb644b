import { UserError } from '../../../core/index.js';
import type { InputBatch } from '../batch.js';
import { BatchBuilder } from '../batch-builder.js';
import { linesOf } from '../lines.js';
import type { InputEntity } from '../sources/source.js';
import { asNumbers, cellValue, headerNames, type TextColumns } from './columns.js';

/** The cells of one line; null is an empty cell. */
export type Cells = readonly (string | null)[];

/** Splits lines that are not empty; an Error in place of the cells of a line gives the reason why it has none. */
export type LineSplitter = (lines: readonly string[]) => readonly (Cells | Error)[];

/**
 * Reads a file of lines with a record on each. A short line leaves its last columns absent, the
 * cells of a long one beyond the last column are ignored, an empty line is no record.
 */
export async function* readSeparated(
  entity: InputEntity,
  settings: TextColumns,
  split: LineSplitter,
): AsyncIterable<InputBatch> {
  let names = settings.columns;
  let toSkip = settings.skipHeaderRows;
  for await (const { texts, bad, bytes } of linesOf(entity.chunks())) {
    const batch = new BatchBuilder();
    batch.addBad(bad);
    const skipped = Math.min(toSkip, texts.length);
    toSkip -= skipped;
    let lines = texts.slice(skipped).filter((line) => line !== '');
    if (names === null && lines.length > 0) {
      names = readHeader(lines[0]!, entity.uri, split);
      lines = lines.slice(1);
    }
    for (const [i, cells] of split(lines).entries()) {
      if (cells instanceof Error) batch.bad(lines[i]!, cells.message);
      else addRecord(batch, cells, names ?? [], settings);
    }
    yield batch.build(bytes);
  }
}

function readHeader(line: string, uri: string, split: LineSplitter): string[] {
  const [cells] = split([line]);
  if (cells !== undefined && !(cells instanceof Error)) return headerNames(cells, uri);
  throw new UserError(
    `${uri}: the header cannot be read: ${cells?.message ?? 'it is empty'}; got ${JSON.stringify(line.slice(0, 100))}`,
  );
}

function addRecord(
  batch: BatchBuilder,
  cells: Cells,
  names: readonly string[],
  { listDelimiter, tryParseNumbers }: TextColumns,
): void {
  const count = Math.min(names.length, cells.length);
  for (let i = 0; i < count; i++) {
    const value = cellValue(cells[i]!, listDelimiter);
    batch.set(names[i]!, tryParseNumbers ? asNumbers(value) : value);
  }
  batch.endRecord();
}
