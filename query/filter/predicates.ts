import type { CodeSet, IndexPredicate } from '../../indexes/index.js';
import {
  type NumberRange,
  type NumberTest,
  rangesOf,
  type Ternary,
  TRUE,
} from '../../model/index.js';
import { setOfRanges } from '../compiler/code-set.js';

/** A set of codes below `size`, and `size` itself. */
export function withCodeBehind(set: CodeSet, size: number): CodeSet {
  if (set.kind === 'ranges') {
    return setOfRanges([...set.ranges, { from: size, to: size + 1 }], size + 1);
  }
  const table = new Uint8Array(size + 1);
  table.set(set.table);
  table[size] = 1;
  return { kind: 'table', table };
}

/** Predicates of which a cell passes any where the test is `wanted`; null where there are none that say so. */
export function numberPredicates(test: NumberTest, wanted: Ternary): IndexPredicate[] | null {
  const { forNull } = test;
  const asked = wanted === TRUE ? test : outside(test);
  if (asked === null) return null;
  const { ranges, points } = asked;
  return [
    ...(ranges.length + points.length > 0 ? [{ kind: 'numbers', ranges, points } as const] : []),
    ...(forNull === wanted ? [{ kind: 'nulls' } as const] : []),
  ];
}

type Numbers = Pick<NumberTest, 'ranges' | 'points'>;

const OPEN: NumberRange = { lower: null, upper: null, lowerStrict: false, upperStrict: false };

/** What a point, or a range, leaves on both sides, which meet where it ends before it begins; null for more of them. */
function outside(numbers: Numbers): Numbers | null {
  const [range, ...others] = rangesOf(numbers);
  if (others.length > 0) return null;
  if (range === undefined) return { ranges: [OPEN], points: [] };
  const { lower, upper, lowerStrict, upperStrict } = range;
  const below = { ...OPEN, upper: lower, upperStrict: !lowerStrict };
  const above = { ...OPEN, lower: upper, lowerStrict: !upperStrict };
  const sides = [...(lower === null ? [] : [below]), ...(upper === null ? [] : [above])];
  return { ranges: sides, points: [] };
}
