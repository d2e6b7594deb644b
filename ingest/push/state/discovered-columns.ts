import type { DimensionSchema } from '../../../segments/index.js';
import { type InputBatch, valueIn } from '../../input/batch.js';
import type { RowFates } from '../../rows/row-fates.js';
import type { DimensionsSpec } from '../../spec/task-spec.js';

/** Beyond, no column is discovered. */
const MAX_COLUMNS = 1_000;

type Refuse = (row: number, reason: 'type', message: string) => void;

/**
 * Refuses the rows that have a value in a field that would be a column too many. Which fields
 * these are is decided by the order in which they appear.
 */
export function refuseSurplusColumns(
  batch: InputBatch,
  known: readonly DimensionSchema[],
  { discover, excluded }: DimensionsSpec,
  fates: RowFates,
  refuse: Refuse,
): void {
  if (discover === 'none' || known.length + batch.columns.size <= MAX_COLUMNS) return;
  const fresh = freshFields(batch, known, excluded);
  for (const name of fresh.slice(Math.max(0, MAX_COLUMNS - known.length))) {
    const column = batch.columns.get(name)!;
    const message = `the table has ${MAX_COLUMNS} columns and takes no new one, ${JSON.stringify(name)}; list it in dimensionsSpec.dimensions, or send its value under a known name`;
    for (const row of fates.kept()) {
      const value = valueIn(column, row);
      if (value !== undefined && value !== null) refuse(row, 'type', message);
    }
  }
}

/** The fields of a batch that may become columns. */
function freshFields(
  { columns }: InputBatch,
  known: readonly DimensionSchema[],
  excluded: ReadonlySet<string>,
): string[] {
  const names = new Set(known.map(({ name }) => name));
  return [...columns.keys()].filter((name) => !names.has(name) && !excluded.has(name));
}
