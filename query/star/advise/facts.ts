import type { ValueType } from '../../../model/index.js';
import type { ColumnDescription } from '../../../segments/index.js';
import type { TablePart, TableSnapshot } from '../../tables.js';

/** What is known of a segment that stands for those of its table. */
export interface Facts {
  /** Its `facts` are there. */
  readonly part: TablePart;
  /** The types of the table's columns. */
  readonly types: ReadonlyMap<string, ValueType>;
  /** Of its columns and indexes. */
  readonly sizeBytes: number;
  /** Null for one that it does not have. */
  column(name: string): ColumnDescription | null;
  /** How many values a column has; null where nobody has counted them. */
  cardinality(name: string): number | null;
}

/** Segments further back may be of other columns, or of rows unlike those that come now. */
const RECENT_SEGMENTS = 10;

/** The facts of the largest of the newest segments of a table; null where none can be read. */
export function factsOf(
  snapshot: TableSnapshot,
  table: string,
  parts: readonly TablePart[],
): Facts | null {
  const [part] = parts
    .filter(({ facts, rowCount }) => facts !== null && rowCount > 0)
    .sort((a, b) => b.maxTimeMs - a.maxTimeMs)
    .slice(0, RECENT_SEGMENTS)
    .sort((a, b) => b.rowCount - a.rowCount);
  if (part === undefined) return null;
  const columns = snapshot.schema(table)?.columns ?? [];
  const column = (name: string) => part.facts!.column(name);
  const described = columns.flatMap(({ name }) => column(name) ?? []);
  return {
    part,
    types: new Map(columns.map(({ name, type }) => [name, type])),
    sizeBytes: described.reduce((sum, each) => sum + bytesOf(each), 0),
    column,
    cardinality: (name) => column(name)?.stats.cardinality ?? null,
  };
}

const bytesOf = ({ stats, storage }: ColumnDescription): number =>
  stats.sizeBytes + (storage?.indexes ?? []).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
