import type { BlockEntry, SegmentDirectory } from '../format/directory.js';

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

/** The parts of a file that are wanted, in their order in the file: `__time` always. */
export function partsOf(
  { columns }: SegmentDirectory,
  { columns: wanted, indexes = [] }: WantedParts,
): SegmentPart[] {
  const keys = new Set(
    indexes === 'all' ? [] : indexes.map((name) => partKey(name.column, name.kind)),
  );
  const names = new Set(wanted === 'all' ? [] : ['__time', ...wanted]);
  return columns.flatMap(({ name: column, blocks, indexes: entries }) => {
    const isWanted = wanted === 'all' || names.has(column);
    const own = isWanted ? [{ key: partKey(column), column, blocks }] : [];
    const others = entries.map(({ kind, blocks }) => ({
      key: partKey(column, kind),
      column,
      blocks,
    }));
    return [...own, ...others.filter(({ key }) => indexes === 'all' || keys.has(key))];
  });
}
