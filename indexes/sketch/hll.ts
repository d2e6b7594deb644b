import { murmur3 } from '../../core/index.js';
import {
  DEFAULT_LG_K,
  entryOfDouble,
  entryOfHash,
  entryOfLong,
  HyperLogLog,
} from '../../sketches/index.js';
import type { CodedColumn, NumberColumn } from '../column.js';
import type { ColumnIndex, IndexKind } from '../types.js';
import { distinctNumbers } from './numbers.js';

/** Columns of fewer rows are read as fast. */
const MANY_ROWS = 65_536;

const MOST_BYTES = 4 + 2 ** DEFAULT_LG_K;

/**
 * About how many distinct values a column has: the very sketch that the aggregators `hyperUnique` and `cardinality` make of all
 * rows. Nulls do not count; of lists, elements do.
 *
 *     parameters    none
 *     hll.bytes     see `sketches/hyper-log-log.ts`; 2^11 registers
 */
export const hll: IndexKind = {
  name: 'hll',
  isPacked: true,
  askedFor: ['STRING', 'LONG', 'DOUBLE', 'FLOAT'],
  isUsual: ({ kind, rowCount }, bitmap) => bitmap && kind === 'STRING' && rowCount >= MANY_ROWS,

  build(column, sink) {
    if (column.kind === 'JSON') return null;
    const sketch = column.kind === 'STRING' ? ofTexts(column) : ofNumbers(column);
    sink.block('hll.bytes', [sketch.toBytes()]);
    return {};
  },

  check({ blocks }) {
    const length = blocks.find(({ name }) => name === 'hll.bytes')?.length ?? 0;
    return length >= 4 && length <= MOST_BYTES
      ? null
      : `block "hll.bytes" has ${length} bytes, want 4 to ${MOST_BYTES}`;
  },

  attach: ({ bytes }): ColumnIndex => ({
    estimate: () => null,
    rows: () => null,
    sketch: () => ({
      kind: 'distinct',
      sketch: HyperLogLog.ofDefault(bytes('hll.bytes')),
    }),
  }),
};

/** Each code is of some row. */
function ofTexts({ size, hasNull, texts }: CodedColumn): HyperLogLog {
  const sketch = new HyperLogLog();
  const { bytes, offsets } = texts();
  const hash = new Uint32Array(4);
  for (let code = hasNull ? 1 : 0; code < size; code++) {
    murmur3(bytes.subarray(offsets[code]!, offsets[code + 1]!), 0, hash);
    sketch.addEntry(entryOfHash(hash));
  }
  return sketch;
}

function ofNumbers(column: NumberColumn): HyperLogLog {
  const sketch = new HyperLogLog();
  const entryOf = column.kind === 'LONG' ? entryOfLong : entryOfDouble;
  distinctNumbers(column, (value) => sketch.addEntry((entryOf as typeof entryOfLong)(value)));
  return sketch;
}
