import { CountMin, SpaceSaving } from '../../sketches/index.js';
import { NO_ROWS } from '../rows/row-set.js';
import type { ColumnIndex, IndexKind, IndexPredicate, LoadedBlocks, RowAnswer } from '../types.js';
import { hashOfLong, hashOfText } from '../value-hash.js';
import { unlessDamaged } from './unless-damaged.js';
import { frequentOf, type ValueCounts, valueCounts } from './value-counts.js';

const DEPTH = 4;
const MOST_LG_WIDTH = 11;
const LEAST_LG_WIDTH = 4;
const COUNTERS_MOST_BYTES = 16 + 8 * DEPTH * 2 ** MOST_LG_WIDTH;

/**
 * How many rows a value has, never too few; and the values that most rows have. Of lists, a row counts once for a value.
 *
 *     parameters        of: texts or longs
 *     counters.bytes    see `sketches/frequency/count-min.ts`: conservative, 4 rows, of at least twice as many counters as there
 *                       are values where that is no more than 2^11. A value is known by `hashOfText` or `hashOfLong`
 *     frequent.bytes    see `sketches/frequency/frequent-bytes.ts`: the 128 most frequent values, with exact counts, those
 *                       left out that are longer than 1,024 bytes
 */
export const countMin: IndexKind = {
  name: 'countMin',
  isPacked: true,
  askedFor: ['STRING', 'LONG'],
  isUsual: () => false,

  build(column, sink) {
    if (column.kind !== 'STRING' && column.kind !== 'LONG') return null;
    const values = valueCounts(column);
    if (values.counts.length === 0) return null;
    sink.block('counters.bytes', [countersOf(values).toBytes()]);
    sink.block('frequent.bytes', [frequentOf(values).toBytes()]);
    return { of: values.of };
  },

  check({ parameters: { of }, blocks }) {
    if (of !== 'texts' && of !== 'longs') return 'want parameter of';
    const lengthOf = (wanted: string) => blocks.find(({ name }) => name === wanted)?.length ?? 0;
    const counters = lengthOf('counters.bytes');
    if (counters < 16 || counters > COUNTERS_MOST_BYTES) {
      return `block "counters.bytes" has ${counters} bytes, want 16 to ${COUNTERS_MOST_BYTES}`;
    }
    return lengthOf('frequent.bytes') < 28
      ? 'block "frequent.bytes" is missing or too short'
      : null;
  },

  attach: (blocks) => new CountMinIndex(blocks),
};

function countersOf({ counts, hashAt }: ValueCounts): CountMin {
  const wanted = Math.ceil(Math.log2(2 * counts.length));
  const lgWidth = Math.max(LEAST_LG_WIDTH, Math.min(MOST_LG_WIDTH, wanted));
  const sketch = new CountMin({ lgWidth, depth: DEPTH, isConservative: true });
  for (let i = 0; i < counts.length; i++) sketch.add(hashAt(i), counts[i]!);
  return sketch;
}

class CountMinIndex implements ColumnIndex {
  #counters: CountMin | null | undefined;

  constructor(private readonly blocks: LoadedBlocks) {}

  estimate(predicate: IndexPredicate): number | null {
    const hashes = this.#hashesOf(predicate);
    if (hashes === null) return null;
    this.#counters ??= unlessDamaged(() => CountMin.fromBytes(this.blocks.bytes('counters.bytes')));
    const counters = this.#counters;
    if (counters === null) return null;
    const count = hashes.reduce((sum, hash) => sum + counters.estimate(hash), 0);
    return Math.min(count, this.blocks.rowCount);
  }

  /** That there are none, or nothing. */
  rows(predicate: IndexPredicate): RowAnswer | null {
    return this.estimate(predicate) === 0 ? { rows: NO_ROWS, exact: true } : null;
  }

  sketch() {
    const sketch = SpaceSaving.fromBytes(this.blocks.bytes('frequent.bytes'));
    return { kind: 'frequent', sketch } as const;
  }

  #hashesOf(predicate: IndexPredicate): number[] | null {
    const { of } = this.blocks.parameters;
    if (predicate.kind === 'texts') return of === 'texts' ? predicate.texts.map(hashOfText) : null;
    if (predicate.kind !== 'numbers' || of !== 'longs' || predicate.ranges.length > 0) return null;
    return predicate.points.map(hashOfLong);
  }
}
