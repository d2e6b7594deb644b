import type { Long } from '../../core/index.js';
import { rowColumn, type ValueType } from '../../model/index.js';
import { isCast } from '../interpreter/cast-segment.js';
import type { PartOutline, TablePart } from '../tables.js';

/** What is known of the values that some rows have in a column, without reading them. */
export interface ColumnFacts {
  readonly type: ValueType;
  /** Whether a cell may be a list. */
  readonly multiValue: boolean;
  /** No element of a cell is smaller or larger, STRING in UTF-8 byte order; both null where all rows are null. */
  readonly min: string | Long | null;
  readonly max: string | Long | null;
  /** False when no cell is null and no list has a null. */
  readonly hasNulls: boolean;
  /** Texts that no cell is or has. */
  readonly without?: ReadonlySet<string>;
}

/** Null for a column of which nothing is known. */
export type FactsOf = (column: string) => ColumnFacts | null;

const NO_COLUMN: ColumnFacts = {
  type: 'STRING',
  multiValue: false,
  min: null,
  max: null,
  hasNulls: true,
};

/** The types of the table's columns, by name. */
export type TypesOf = ReadonlyMap<string, ValueType>;

/** Before all texts, and behind them: no text is a surrogate alone. */
const [FIRST_TEXT, LAST_TEXT] = ['', '\udfff'];

/** What is known of the rows of a part. */
export function factsOfPart(
  {
    facts,
    outline,
    minTimeMs,
    maxTimeMs,
  }: Pick<TablePart, 'facts' | 'outline' | 'minTimeMs' | 'maxTimeMs'>,
  types: TypesOf,
): FactsOf {
  const time: ColumnFacts = {
    type: 'LONG',
    multiValue: false,
    min: minTimeMs,
    max: maxTimeMs,
    hasNulls: false,
  };
  return (name) => {
    if (name === '__time') return time;
    if (rowColumn(name) !== name) return null;
    if (facts === null) return outline === undefined ? null : outlinedFacts(outline, name, types);
    const column = facts.column(name);
    if (column === null) return NO_COLUMN;
    const { type, multiValue, stats } = column;
    // Statistics are those of what is stored, not of what it is read as.
    if (isCast(type, types.get(name) ?? type)) return null;
    const { min, max, hasNulls } = stats;
    return { type, multiValue, min, max, hasNulls };
  };
}

/** Of texts there are bounds that say nothing, so that shard specs can narrow them; of all else nothing is known. */
function outlinedFacts(outline: PartOutline, name: string, types: TypesOf): ColumnFacts | null {
  const column = outline.column(name);
  if (column === null) return NO_COLUMN;
  const { type, multiValue } = column;
  if (type !== 'STRING' || isCast(type, types.get(name) ?? type)) return null;
  return { type, multiValue, min: FIRST_TEXT, max: LAST_TEXT, hasNulls: true };
}
