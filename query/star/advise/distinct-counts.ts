import { stringifyJson } from '../../../core/index.js';
import type { WouldBeDimension } from './would-be-tree.js';

/** Dimensions whose combinations are counted. */
export type DimensionSet = readonly Pick<WouldBeDimension, 'name' | 'granularity'>[];

/** Counts the distinct combinations of each set, about. */
export type CountDistinct = (sets: readonly DimensionSet[]) => Promise<readonly number[]>;

/** How many combinations sets of dimensions have in a segment, each counted once. */
export class DistinctCounts {
  readonly #known = new Map<string, number>();

  constructor(
    readonly rowCount: number,
    private readonly countDistinct: CountDistinct,
  ) {}

  /** What somebody knows already. */
  learn(set: DimensionSet, count: number): void {
    this.#known.set(keyOf(set), count);
  }

  async count(sets: readonly DimensionSet[]): Promise<void> {
    const missing = new Map(
      sets
        .filter((set) => set.length > 0 && !this.#known.has(keyOf(set)))
        .map((set) => [keyOf(set), set]),
    );
    if (missing.size === 0) return;
    const counts = await this.countDistinct([...missing.values()]);
    for (const [i, key] of [...missing.keys()].entries()) {
      this.#known.set(key, Math.max(1, Math.min(this.rowCount, counts[i]!)));
    }
  }

  /** As it was counted, else as many as there may be by what is known of the single dimensions. */
  of(set: DimensionSet): number {
    if (set.length === 0) return 1;
    const known = this.#known.get(keyOf(set));
    if (known !== undefined) return known;
    if (set.length === 1) return this.rowCount;
    const most = set.reduce((product, each) => product * this.of([each]), 1);
    return Math.min(most, this.rowCount);
  }
}

const keyOf = (set: DimensionSet): string =>
  set
    .map(({ name, granularity }) => `${name}\n${stringifyJson(granularity ?? null)}`)
    .sort()
    .join('\n\n');
