import { RowGroups } from '../../indexes/index.js';
import type { TreeDimensionEntry } from '../format/directory.js';
import type { TreeDimensionDefinition } from '../schema.js';
import type { DerivedDimension } from './derive-dimensions.js';
import { PairCover } from './pair-cover.js';
import type { StoredRows } from './stored-rows.js';
import { codedDimension } from './tree-shape.js';

/** A dimension that trees may have, and the codes of some rows. */
interface Candidate extends DerivedDimension {
  readonly codes: Uint16Array;
  readonly size: number;
}

/**
 * Plans trees one after the other, by some of the rows: what has not come together yet comes first, and what others tell (a region
 * that each city has, a year that each month has) comes along for nothing.
 */
export class DimensionPlan {
  readonly #candidates: readonly Candidate[];
  readonly #pairs: PairCover;

  /** Of dimensions in the order in which they are wanted. */
  constructor(rows: StoredRows, dimensions: readonly DerivedDimension[]) {
    this.#candidates = dimensions.flatMap((each) => sampled(rows, each));
    const seeds = this.#candidates.filter(({ isNumber }) => !isNumber).length;
    this.#pairs = new PairCover(this.#candidates.length, seeds);
  }

  /**
   * Offers a tree of at most about so many groups its dimensions, as long as it `takes` them: skewed rows have more groups than some
   * of them show. False where there is nothing that is not in a tree.
   */
  next(mostGroups: number, takes: (definition: TreeDimensionDefinition) => boolean): boolean {
    for (let pair = this.#pairs.next(); pair !== null; pair = this.#pairs.next()) {
      if (this.#around([...new Set(pair)], mostGroups, takes)) return true;
    }
    return false;
  }

  /** A tree has these. A finer time tells what a coarser one does. */
  cover(entries: readonly TreeDimensionEntry[]): void {
    const has = this.#candidates.map(({ definition: { name, granularity } }) =>
      entries.some((each) => each.name === name && each.granularity === granularity?.spec),
    );
    const time = this.#candidates.findIndex(({ isTime }, i) => isTime && has[i]!);
    this.#pairs.cover(
      this.#candidates.flatMap(({ isTime }, i) =>
        has[i] || (isTime && time !== -1 && i > time) ? [i] : [],
      ),
    );
  }

  /** False where not even the seeds are taken. */
  #around(
    seeds: readonly number[],
    mostGroups: number,
    takes: (definition: TreeDimensionDefinition) => boolean,
  ): boolean {
    const groups = new RowGroups(this.#candidates[0]!.codes.length);
    const taken: number[] = [];
    const left = new Set(this.#candidates.keys());
    const add = (i: number): boolean => {
      left.delete(i);
      const { codes, size, isTime, definition } = this.#candidates[i]!;
      if (isTime && taken.some((other) => this.#candidates[other]!.isTime)) return false;
      if (groups.estimateBySample(codes) > mostGroups || !takes(definition)) return false;
      groups.split(codes, size, codes.length);
      taken.push(i);
      return true;
    };
    if (!seeds.every(add)) return false;
    // Most queries look at time, and a coarse one splits little.
    const coarse = this.#candidates.findLastIndex(({ isTime }) => isTime);
    if (left.has(coarse)) add(coarse);
    while (left.size > 0) {
      for (const i of left) if (groups.tell(this.#candidates[i]!.codes)) add(i);
      const best = this.#best(left, taken);
      if (best !== null) add(best);
    }
    return true;
  }

  /** The one that comes together with most of those that are taken for the first time, numbers after all others. */
  #best(left: ReadonlySet<number>, taken: readonly number[]): number | null {
    let best: number | null = null;
    let most = -1;
    for (const i of left) {
      const { isNumber } = this.#candidates[i]!;
      if (best !== null && isNumber && !this.#candidates[best]!.isNumber) continue;
      const found = this.#pairs.left(i, taken);
      if (found <= most) continue;
      best = i;
      most = found;
    }
    return best;
  }
}

/** Nothing where its column has too many values. */
function sampled(rows: StoredRows, dimension: DerivedDimension): Candidate[] {
  const coded = codedDimension(rows, dimension.definition);
  if (coded === null || coded.values.length < 2) return [];
  const step = Math.ceil(rows.rowCount / SAMPLE_ROWS);
  const codes = new Uint16Array(Math.floor(rows.rowCount / step));
  for (let i = 0; i < codes.length; i++) codes[i] = coded.codes[i * step]!;
  return [{ ...dimension, codes, size: coded.values.length }];
}

const SAMPLE_ROWS = 1 << 14;
