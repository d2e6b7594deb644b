import type { InputBatch } from '../batch.js';
import { BatchBuilder } from '../batch-builder.js';
import { linesOf } from '../lines.js';
import type { InputEntity } from '../sources/source.js';
import { cellValue, headerNames, type TextColumns } from './columns.js';

/** The cells of one line; null is an empty cell. Throws an Error whose message is the reason. */
export type LineSplitter = (line: string) => (string | null)[];

/**
 * Reads a file of lines with a record on each. A short line leaves its last columns absent, the
 * cells of a long one beyond the last column are ignored, an empty line is no record.
 */
export async function* readSeparated(
  entity: InputEntity,
  settings: TextColumns,
  split: LineSplitter,
): AsyncIterable<InputBatch> {
  let names = settings.findColumnsFromHeader ? null : (settings.columns ?? []);
  let toSkip = settings.skipHeaderRows;
  for await (const { texts, bytes } of linesOf(entity.chunks())) {
    const batch = new BatchBuilder();
    for (const line of texts) {
      if (toSkip > 0) toSkip--;
      else if (line.trim() === '') continue;
      else if (names === null) names = headerNames(split(line), entity.uri);
      else addRecord(batch, line, names, settings, split);
    }
    if (!batch.isEmpty) yield batch.build(bytes);
  }
}

function addRecord(
  batch: BatchBuilder,
  line: string,
  names: readonly string[],
  { listDelimiter }: TextColumns,
  split: LineSplitter,
): void {
  let cells: (string | null)[];
  try {
    cells = split(line);
  } catch (error) {
    batch.bad(line, error instanceof Error ? error.message : String(error));
    return;
  }
  for (let i = 0; i < names.length && i < cells.length; i++) {
    batch.set(names[i]!, cellValue(cells[i]!, listDelimiter));
  }
  batch.endRecord();
}
