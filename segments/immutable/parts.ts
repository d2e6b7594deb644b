import type { BlockEntry, ColumnEntry, SegmentDirectory } from '../format/directory.js';
import { paddedLength } from '../format/frame.js';
import { columnPlace } from '../json/column-place.js';

/** Names one index of a segment. */
export interface IndexName {
  readonly column: string;
  readonly kind: string;
}

/** What of a segment's bytes is asked for, as far as the segment has it. */
export interface WantedParts {
  /** With any, `__time`. */
  readonly columns: readonly string[] | 'all' | 'none';
  readonly indexes?: readonly IndexName[] | 'all';
  /** The number of the star-tree whose columns these are; absent for those of the rows. */
  readonly tree?: number;
}

/** What is brought into memory as one: the blocks of a column, or of an index of it. */
export interface SegmentPart {
  /** Tells it from the other parts of its segment. */
  readonly key: string;
  readonly column: string;
  /** Null for an index. */
  readonly entry: ColumnEntry | null;
  readonly rowCount: number;
  readonly blocks: readonly BlockEntry[];
}

/** A part that has its place in memory: the address of a block is `base` + its offset in the file. */
export interface PlacedPart extends SegmentPart {
  readonly base: number;
}

/** Bytes from the beginning of its first block to the end of its last one's padding; 0 for a part without blocks. */
export function partBytes({ blocks }: SegmentPart): number {
  const [first, last] = [blocks[0], blocks.at(-1)];
  if (first === undefined || last === undefined) return 0;
  return last.offset + paddedLength(last.length) - first.offset;
}

/** The base of a part whose first block shall lie at an address. */
export const partBase = ({ blocks }: SegmentPart, address: number): number =>
  address - (blocks[0]?.offset ?? address);

/** The key of a column, or of its index of a kind; of one of the rows, or of a star-tree. */
export const partKey = (column: string, kind = '', tree?: number): string =>
  tree === undefined ? `${kind}:${column}` : `${tree}:${kind}:${column}`;

/**
 * The parts of a file that are wanted, in their order in the file: `__time` with any list of columns. Of a path into a JSON column it is the
 * column that holds what lies there.
 */
export function partsOf(
  directory: SegmentDirectory,
  { columns: wanted, indexes = [], tree }: WantedParts,
): SegmentPart[] {
  const { columns, rowCount } = tree === undefined ? directory : directory.trees[tree]!;
  const entries = new Map(columns.map((entry) => [entry.name, entry]));
  const keys = new Set(
    indexes === 'all' ? [] : indexes.map((name) => partKey(name.column, name.kind, tree)),
  );
  const names = new Set(
    typeof wanted === 'string'
      ? []
      : ['__time', ...wanted].flatMap((name) => holderOf(entries, name)),
  );
  return columns.flatMap((entry) => {
    const { name: column, blocks, indexes: own } = entry;
    const isWanted = wanted === 'all' || names.has(column);
    const shared = { column, rowCount };
    const key = partKey(column, '', tree);
    const values = isWanted ? [{ ...shared, key, entry, blocks }] : [];
    const others = own.map(({ kind, blocks }) => ({
      ...shared,
      key: partKey(column, kind, tree),
      entry: null,
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
