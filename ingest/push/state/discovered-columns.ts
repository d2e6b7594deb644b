import type { DimensionSchema } from '../../../segments/index.js';
import { type InputBatch, valueIn, valuesOf } from '../../input/batch.js';
import {
  BIGINTS,
  DOUBLES,
  isOnly,
  kindsOf,
  LONGS,
  NULLS,
  rawColumnOf,
} from '../../rows/raw-column.js';
import type { RowFates } from '../../rows/row-fates.js';
import type { DimensionsSpec } from '../../spec/task-spec.js';

/** Beyond, no column is discovered. */
const MAX_COLUMNS = 1_000;

type Refuse = (row: number, reason: 'type', message: string) => void;

/**
 * The batch with the types of fields that it is the first to show: where some numbers have a fraction
 * the column is DOUBLE, although the first one may be whole.
 */
export function withNumberTypes(
  batch: InputBatch,
  known: readonly DimensionSchema[],
  { discover, excluded }: DimensionsSpec,
): InputBatch {
  if (discover !== 'typed') return batch;
  const doubles = freshFields(batch, known, excluded).filter((name) => {
    const kinds = kindsOf(rawColumnOf(batch.columns.get(name)!, null));
    return (kinds & DOUBLES) !== 0 && isOnly(kinds, NULLS | LONGS | BIGINTS | DOUBLES);
  });
  if (doubles.length === 0) return batch;
  const types = new Map(batch.types);
  const columns = new Map(batch.columns);
  for (const name of doubles) {
    if (types.has(name)) continue;
    types.set(name, 'DOUBLE');
    columns.set(name, Array.from(valuesOf(columns.get(name)!), asDouble));
  }
  return { ...batch, columns, types };
}

const asDouble = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);

/**
 * Finds rows whose number does not fit a LONG column that was made of a field: nobody chose that
 * type, so that nobody has agreed to lose the fraction. (Listed columns convert as Druid's do.)
 */
export function findFractions(
  { columns }: InputBatch,
  dimensions: readonly DimensionSchema[],
  { listed }: DimensionsSpec,
  kept: Uint32Array,
  found: (row: number, message: string) => void,
): void {
  const chosen = new Set(listed.map(({ name }) => name));
  for (const { name, type } of dimensions) {
    const column = type === 'LONG' && !chosen.has(name) ? columns.get(name) : undefined;
    if (column === undefined || (kindsOf(rawColumnOf(column, null)) & DOUBLES) === 0) continue;
    for (let i = 0; i < kept.length; i++) {
      const value = valueIn(column, kept[i]!);
      if (!isFraction(value)) continue;
      found(
        kept[i]!,
        `could not convert value [${String(value)}] of field [${name}] to a long, which the column became by its first value`,
      );
    }
  }
}

const isFraction = (value: unknown): boolean =>
  typeof value === 'number' && !Number.isSafeInteger(value);

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
