import type { ColumnEntry } from '../format/directory.js';
import { numberText, parseNumberText } from '../number-text.js';
import { checkBlocks, writeNulls } from './checks.js';
import { attachConstant } from './constant-reader.js';
import type { AttachedColumn, BlockSink, Encoding, WrittenColumn } from './encoding.js';
import type { LoadedColumn } from './loaded-column.js';
import type { DoubleVector, Facts, FloatVector } from './vector.js';

/**
 * Every row holds one number, or is null.
 *
 *     parameters  value: text of the number (0 where every row is null)
 *     nulls       null bitmap, only where there are nulls
 */
function constantOf<V extends DoubleVector | FloatVector>(
  name: string,
  kind: V['kind'],
): Encoding<V> {
  return {
    name,
    kind,
    rowBlocks: [],

    estimateBytes(_vector: V, { min, max }: Facts): number | null {
      // Tells -0 from 0, and NaN equals itself.
      return Object.is(min, max) ? 0 : null;
    },

    write(vector: V, { min }: Facts, sink: BlockSink): WrittenColumn {
      writeNulls(vector.nulls, sink);
      const value = numberText(typeof min === 'number' ? min : 0);
      const hasNulls = vector.nulls !== null;
      const cardinality = (min === null ? 0 : 1) + (hasNulls ? 1 : 0);
      return { parameters: { value }, hasNulls, cardinality };
    },

    check(entry: ColumnEntry, rowCount: number): string | null {
      if (parseNumberText(String(entry.parameters.value)) === null) return 'want a number as value';
      return checkBlocks(entry, rowCount, {}, 'may have nulls');
    },

    attach(column: LoadedColumn): AttachedColumn {
      const value = parseNumberText(String(column.entry.parameters.value))!;
      return attachConstant(kind, value, column);
    },
  };
}

export const doubleConstant = constantOf<DoubleVector>('double.constant', 'DOUBLE');
export const floatConstant = constantOf<FloatVector>('float.constant', 'FLOAT');
