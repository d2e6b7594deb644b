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

/** A stored column; null for one that is not there, undefined where nothing is known of the name. */
export type DescribedBy = (name: string) => ColumnDescription | null | undefined;

/** Which part of the rows passes, about. */
export function shareOf(described: DescribedBy, { form }: Filter): number {
  switch (form?.kind) {
    case 'constant':
      return form.value === TRUE ? 1 : 0;
    case 'and':
      return form.filters.reduce((share, each) => share * shareOf(described, each), 1);
    case 'or':
      return 1 - form.filters.reduce((share, each) => share * (1 - shareOf(described, each)), 1);
    case 'not':
      return 1 - shareOf(described, form.filter);
    case 'is':
      return form.wanted === TRUE ? shareOf(described, form.filter) : UNKNOWN_SHARE;
    case 'values':
      return valuesShare(described, form);
    default:
      return UNKNOWN_SHARE;
  }
}

/** The same of one column. */
function valuesShare(
  described: DescribedBy,
  { column, texts, numbersOf }: Extract<FilterForm, { kind: 'values' }>,
): number {
  const known = described(column);
  if (known === undefined) return UNKNOWN_SHARE;
  if (known === null) return texts?.forNull === TRUE ? 1 : 0;
  const { type, stats } = known;
  if (type === 'STRING') return texts === null ? UNKNOWN_SHARE : textShare(texts, stats);
  if (type !== 'LONG' && type !== 'DOUBLE' && type !== 'FLOAT') return UNKNOWN_SHARE;
  const test = numbersOf(type);
  return test === null ? UNKNOWN_SHARE : numberShare(test, stats);
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
