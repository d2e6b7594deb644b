import { type Long, longAdd, longMultiply, toLong } from '../../core/index.js';
import { type Aggregate, COUNT, longSum } from './aggregates.js';
import { linearOf } from './linear.js';
import type { Num } from './numbers.js';
import { ALWAYS, allOf, nullMask, type Test } from './tests.js';

/**
 * A sum that two other aggregates tell when the rows have been scanned: `scale × sum + offset × count`.
 * Exact, since sums of LONG wrap at 64 bits, as products do.
 */
export interface Derived {
  /** Aggregates by position: the sum of a number, and how many of them were not null. */
  readonly sum: number;
  readonly count: number;
  readonly scale: Long;
  readonly offset: Long;
}

export const derivedSum = ({ scale, offset }: Derived, sum: Long, count: Long): Long =>
  longAdd(longMultiply(scale, sum), longMultiply(offset, count));

/** Sums over the same rows that are linear in the same number, by position. */
interface Family {
  readonly base: Num;
  readonly filter: Test;
  readonly members: number[];
}

/**
 * Sums such as SUM(x), SUM(x + 1), SUM(3 * x) become one: they are derived from the sum of x and a count,
 * which are added behind the aggregates of the plan where it does not have them itself.
 */
export function shareSums(own: readonly Aggregate[]): readonly Aggregate[] {
  const all = [...own];
  const position = (isSame: (each: Aggregate) => boolean, make: () => Aggregate): number => {
    const found = all.findIndex(isSame);
    return found >= 0 ? found : all.push(make()) - 1;
  };
  for (const { base, filter, members } of familiesOf(own)) {
    if (members.length < 2) continue;
    const isBase = (each: Aggregate) => sumOf(each) === base && each.filter === filter;
    const sum = position(isBase, () => ({ ...longSum(base), filter }));
    const known = allOf([filter, validTest(base)]);
    const isCount = (each: Aggregate) => each.isCount && each.filter === known;
    const count = position(isCount, () => ({ ...COUNT, filter: known }));
    for (const i of members) {
      if (i === sum) continue;
      const { scale, offset } = linearOf(sumOf(own[i]!)!);
      all[i] = derivedFrom({ sum, count, scale: toLong(scale), offset: toLong(offset) });
    }
  }
  return all;
}

const sumOf = ({ longFold }: Aggregate): Num | null =>
  longFold?.kind === 'sum' ? longFold.num : null;

function familiesOf(aggregates: readonly Aggregate[]): Family[] {
  const families: Family[] = [];
  for (const [i, each] of aggregates.entries()) {
    const { filter } = each;
    const num = sumOf(each);
    const base = num === null ? null : linearOf(num).base;
    if (base === null) continue;
    const family = families.find((known) => known.base === base && known.filter === filter);
    if (family === undefined) families.push({ base, filter, members: [i] });
    else family.members.push(i);
  }
  return families;
}

/** Where the number is not null. */
function validTest({ valid, column }: Num): Test {
  if (valid === null) return ALWAYS;
  const nulls = column?.nulls ?? null;
  return nulls === null ? { kind: 'rows', row: valid } : nullMask(nulls, 'valid');
}

/** It folds nothing itself. */
const derivedFrom = (derived: Derived): Aggregate => ({
  ...COUNT,
  isCount: false,
  field: null,
  update: () => [],
  derived,
});
