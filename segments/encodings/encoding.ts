import type { BlockSink, EncodingParameters } from '../../indexes/index.js';
import type { ColumnReader } from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import type { ScanColumn } from '../types.js';
import type { Content } from './content.js';
import type { ContentFault } from './content-checks.js';
import type { LoadedColumn } from './loaded-column.js';
import type { Facts, Vector } from './vector.js';

/** Where readers stand. A cursor is one; all its readers share it. */
export interface Position {
  row: number;
}

export type { BlockSink };

/** A column whose blocks are in memory. */
export interface AttachedColumn {
  /** A reader of the row that `position` stands on. */
  reader(position: Position): ColumnReader;
  /** Null when its rows have no fixed width. */
  readonly scan: ScanColumn | null;
}

/** What an encoding tells the directory about a column it wrote. */
export interface WrittenColumn {
  readonly parameters: EncodingParameters;
  readonly hasNulls: boolean;
  /** Distinct values, null included, where writing has told what the facts did not. */
  readonly cardinality?: number;
}

/**
 * One way to lay out the values of a column. Among those of its kind that can hold a vector the
 * smallest is taken. The layout in the file is the layout that is scanned: nothing is unpacked.
 */
export interface Encoding<V extends Vector = Vector> {
  /** The name in the directory; never reused for another layout. */
  readonly name: string;
  readonly kind: V['kind'];
  /** About how many bytes the vector takes, null when this encoding cannot hold it. */
  estimateBytes(vector: V, facts: Facts): number | null;
  write(vector: V, facts: Facts, sink: BlockSink): WrittenColumn;
  /** What is wrong with a directory entry; null when its parameters and block lengths fit. */
  check(entry: ColumnEntry, rowCount: number): string | null;
  /**
   * For those who load some rows only: the blocks that have one entry of the same width for each row, beside `nulls`, which
   * has a bit for each; other blocks belong to all rows. Or 'offsets', where the block of this name has those of each row's
   * piece of `bytes`.
   */
  readonly rowBlocks: readonly string[] | 'offsets';
  /** What the entries of its blocks are, for packing; those that are not named are taken as bytes. */
  contents?(entry: ColumnEntry): Readonly<Record<string, Content>>;
  /**
   * What loaded blocks hold that no writer writes; null when nothing. Asked when they are loaded, so that readers and kernels
   * may trust ids to be entries of dictionaries, and offsets to ascend. Absent where any bytes will do.
   */
  checkContent?(column: LoadedColumn): ContentFault;
  /** Views over loaded blocks; `check` has passed. */
  attach(column: LoadedColumn): AttachedColumn;
}
