import { parseLong } from '../../core/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { checkBlocks, writeNulls } from './checks.js';
import { attachConstant } from './constant-reader.js';
import type { AttachedColumn, BlockSink, Encoding, WrittenColumn } from './encoding.js';
import type { LoadedColumn } from './loaded-column.js';
import type { Facts, LongVector } from './vector.js';

/**
 * Every row holds one value, or is null.
 *
 *     parameters  value: decimal text (0 where every row is null)
 *     nulls       null bitmap, only where there are nulls
 */
export const longConstant: Encoding<LongVector> = {
  name: 'long.constant',
  kind: 'LONG',
  rowBlocks: [],

  estimateBytes(_vector: LongVector, { min, max }: Facts): number | null {
    return min === max ? 0 : null;
  },

  write(vector: LongVector, { min }: Facts, sink: BlockSink): WrittenColumn {
    writeNulls(vector.nulls, sink);
    const hasNulls = vector.nulls !== null;
    const cardinality = (min === null ? 0 : 1) + (hasNulls ? 1 : 0);
    return { parameters: { value: String(min ?? 0) }, hasNulls, cardinality };
  },

  check(entry: ColumnEntry, rowCount: number): string | null {
    if (parseLong(String(entry.parameters.value)) === null) return 'want a value of 64 bits';
    return checkBlocks(entry, rowCount, {}, 'may have nulls');
  },

  attach(column: LoadedColumn): AttachedColumn {
    const value = parseLong(String(column.entry.parameters.value))!;
    return attachConstant('LONG', value, column);
  },
};
