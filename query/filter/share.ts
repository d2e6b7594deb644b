import type { IndexPredicate } from '../../indexes/index.js';
import {
  type Filter,
  type FilterForm,
  type NumberRange,
  type NumberTest,
  type TextTest,
  TRUE,
} from '../../model/index.js';
import type { ColumnDescription } from '../../segments/index.js';

/** Where nothing is known. */
const UNKNOWN_SHARE = 0.5;
const PATTERN_SHARE = 0.1;
const TEXT_RANGE_SHARE = 0.3;
const POINT_SHARE = 0.05;
const MATCH_SHARE = 0.02;

/** A stored column; null for one that is not there, undefined where nothing is known of the name. */
export type DescribedBy = (name: string) => ColumnDescription | null | undefined;

/** Which part of a column's rows sketches say that it is; null where they do not. */
export type SketchedShare = (column: string, predicate: IndexPredicate) => number | null;

const NO_SKETCHES: SketchedShare = () => null;

/** Which part of the rows passes, about. */
export function shareOf(
  described: DescribedBy,
  { form }: Filter,
  sketched: SketchedShare = NO_SKETCHES,
): number {
  const inner = (each: Filter) => shareOf(described, each, sketched);
  switch (form?.kind) {
    case 'constant':
      return form.value === TRUE ? 1 : 0;
    case 'and':
      return form.filters.reduce((share, each) => share * inner(each), 1);
    case 'or':
      return 1 - form.filters.reduce((share, each) => share * (1 - inner(each)), 1);
    case 'not':
      return 1 - inner(form.filter);
    case 'is':
      return form.wanted === TRUE ? inner(form.filter) : UNKNOWN_SHARE;
    case 'values':
      return valuesShare(described, form, sketched);
    case 'json':
      return MATCH_SHARE;
    default:
      return UNKNOWN_SHARE;
  }
}

/** The same of one column. */
function valuesShare(
  described: DescribedBy,
  { column, texts, words, numbersOf }: Extract<FilterForm, { kind: 'values' }>,
  sketched: SketchedShare,
): number {
  const known = described(column);
  if (known === undefined) return UNKNOWN_SHARE;
  if (known === null) return texts?.forNull === TRUE ? 1 : 0;
  const { type, stats } = known;
  if (type === 'STRING') {
    if (texts === null) return words === undefined ? UNKNOWN_SHARE : MATCH_SHARE;
    const told = texts.kind === 'points' ? sketched(column, { ...texts, kind: 'texts' }) : null;
    return told ?? textShare(texts, stats);
  }
  if (type !== 'LONG' && type !== 'DOUBLE' && type !== 'FLOAT') return UNKNOWN_SHARE;
  const test = numbersOf(type);
  if (test === null) return UNKNOWN_SHARE;
  return sketched(column, { ...test, kind: 'numbers' }) ?? numberShare(test, stats);
}

function textShare(test: TextTest, { cardinality }: ColumnDescription['stats']): number {
  if (test.kind === 'pattern') return PATTERN_SHARE;
  if (test.kind === 'range') return TEXT_RANGE_SHARE;
  return Math.min(1, test.texts.length / Math.max(1, cardinality ?? 1 / POINT_SHARE));
}

/** As if values were spread evenly. */
function numberShare(
  { ranges, points }: NumberTest,
  { min, max }: ColumnDescription['stats'],
): number {
  if (min === null || max === null) return 0;
  const [least, most] = [Number(min), Number(max)];
  const within = ({ lower, upper }: NumberRange): number => {
    const from = Math.max(least, Number(lower ?? least));
    const to = Math.min(most, Number(upper ?? most));
    return from > to ? 0 : least === most ? 1 : (to - from) / (most - least);
  };
  const inRanges = ranges.reduce((sum, range) => sum + within(range), 0);
  const share = Math.min(1, inRanges + POINT_SHARE * points.length);
  return Number.isNaN(share) ? UNKNOWN_SHARE : share;
}
