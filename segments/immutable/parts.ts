import type { BlockEntry, ColumnEntry, SegmentDirectory } from '../format/directory.js';
import { columnPlace } from '../json/column-place.js';

/** Names one index of a segment. */
export interface IndexName {
  readonly column: string;
  readonly kind: string;
}

/** What of a segment's bytes is asked for, as far as the segment has it. */
export interface WantedParts {
  readonly columns: readonly string[] | 'all';
  readonly indexes?: readonly IndexName[] | 'all';
}

/** What is brought into memory as one: the blocks of a column, or of an index of it. */
export interface SegmentPart {
  /** Tells it from the other parts of its segment. */
  readonly key: string;
  readonly column: string;
  readonly blocks: readonly BlockEntry[];
}

/** The key of a column, or of its index of a kind. */
export const partKey = (column: string, kind = ''): string => `${kind}:${column}`;

/**
 * The parts of a file that are wanted, in their order in the file: `__time` always. Of a path into a JSON column it is the
 * column that holds what lies there.
 */
export function partsOf(
  { columns }: SegmentDirectory,
  { columns: wanted, indexes = [] }: WantedParts,
): SegmentPart[] {
  const entries = new Map(columns.map((entry) => [entry.name, entry]));
  const keys = new Set(
    indexes === 'all' ? [] : indexes.map((name) => partKey(name.column, name.kind)),
  );
  const names = new Set(
    wanted === 'all' ? [] : ['__time', ...wanted].flatMap((name) => holderOf(entries, name)),
  );
  return columns.flatMap(({ name: column, blocks, indexes: own }) => {
    const isWanted = wanted === 'all' || names.has(column);
    const values = isWanted ? [{ key: partKey(column), column, blocks }] : [];
    const others = own.map(({ kind, blocks }) => ({
      key: partKey(column, kind),
      column,
      blocks,
    }));
    return [...values, ...others.filter(({ key }) => indexes === 'all' || keys.has(key))];
  });
}

/** The column that has what the name asks for; none where there is nothing. */
function holderOf(entries: ReadonlyMap<string, ColumnEntry>, name: string): string[] {
  const place = columnPlace(entries, name);
  return place === null || place.kind === 'nothing' ? [] : [place.entry.name];
}
