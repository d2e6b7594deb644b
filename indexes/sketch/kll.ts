import { SeededRandom } from '../../core/index.js';
import type { NumberRange } from '../../model/index.js';
import { KllSketch, type WeightedItems } from '../../sketches/index.js';
import type { ColumnIndex, IndexKind, IndexPredicate, LoadedBlocks } from '../types.js';
import { eachNumber } from './numbers.js';
import { unlessDamaged } from './unless-damaged.js';

const MOST_BYTES = 1 << 16;

/** Chance of the index: always the same, so that the same column gives the same bytes. */
const SEED = 1;

/**
 * Quantiles and ranks of the numbers of a column, each as the nearest double. Null and NaN do not count.
 *
 *     parameters    none
 *     kll.bytes     see `sketches/kll/kll-image.ts`; k is 200, so that ranks are off by 1.33 % or less in 99 of 100 cases
 */
export const kll: IndexKind = {
  name: 'kll',
  isPacked: true,
  askedFor: ['LONG', 'DOUBLE', 'FLOAT'],
  isUsual: () => false,

  build(column, sink) {
    if (column.kind === 'STRING' || column.kind === 'JSON') return null;
    const sketch = new KllSketch(new SeededRandom(SEED));
    eachNumber(column, (value) => sketch.add(Number(value)));
    sink.block('kll.bytes', [sketch.toBytes()]);
    return {};
  },

  check({ blocks }) {
    const length = blocks.find(({ name }) => name === 'kll.bytes')?.length ?? 0;
    return length >= 8 && length <= MOST_BYTES
      ? null
      : `block "kll.bytes" has ${length} bytes, want 8 to ${MOST_BYTES}`;
  },

  attach: (blocks) => new KllIndex(blocks),
};

class KllIndex implements ColumnIndex {
  #sketch: KllSketch | null | undefined;
  #items: WeightedItems | null = null;

  constructor(private readonly blocks: LoadedBlocks) {}

  estimate(): null {
    return null;
  }

  rows(): null {
    return null;
  }

  guess(predicate: IndexPredicate): number | null {
    if (predicate.kind !== 'numbers') return null;
    this.#sketch ??= unlessDamaged(() => this.#read());
    const sketch = this.#sketch;
    if (sketch === null || sketch.n === 0) return sketch === null ? null : 0;
    this.#items ??= sketch.weighted();
    const items = this.#items;
    const shares = [
      ...predicate.ranges.map((range) => shareWithin(items, range)),
      ...predicate.points.map((point) => {
        const value = Number(point);
        return items.rank(value, true) - items.rank(value, false);
      }),
    ];
    const share = shares.reduce((sum, each) => sum + Math.max(0, each), 0);
    return Math.min(1, share) * Math.min(sketch.n, this.blocks.rowCount);
  }

  sketch() {
    return { kind: 'quantiles', sketch: this.#read() } as const;
  }

  #read(): KllSketch {
    return KllSketch.fromBytes(this.blocks.bytes('kll.bytes'), new SeededRandom(SEED));
  }
}

function shareWithin(
  items: WeightedItems,
  { lower, upper, lowerStrict, upperStrict }: NumberRange,
): number {
  const from = lower === null ? 0 : items.rank(Number(lower), lowerStrict);
  const to = upper === null ? 1 : items.rank(Number(upper), !upperStrict);
  return to - from;
}
