import {
  type Filter,
  type FilterForm,
  type NumberRange,
  type NumberTest,
  type TextTest,
  TRUE,
} from '../../model/index.js';
import type { ColumnDescription, ScanColumn } from '../../segments/index.js';
import type { Columns } from '../compiler/columns.js';

type ValuesForm = Extract<FilterForm, { kind: 'values' }>;

/** Nanoseconds to a row, about, of tests that look at many rows at a time: by the bytes of an entry. */
const MASK_NS_PER_BYTE = 0.06;
/** Of those that look at one row after the other. */
const TABLE_NS = 1.2;
const NUMBER_NS = 1;
const EXPRESSION_NS = 4;

/** More texts than this are looked up in a table (see `compiler/code-set.ts`). */
const MAX_MASKS = 4;

/** What it costs to test a row of a whole scan. */
export function scanNsOf(columns: Columns, { form, inputs }: Filter): number {
  switch (form?.kind) {
    case 'constant':
      return 0;
    case 'and':
    case 'or':
      return form.filters.reduce((sum, each) => sum + scanNsOf(columns, each), 0);
    case 'not':
    case 'is':
      return scanNsOf(columns, form.filter);
    case 'values':
      return valuesNs(columns.stored(form.column), form);
    default:
      return columns.onlyCodes(inputs) === null ? EXPRESSION_NS : TABLE_NS;
  }
}

function valuesNs(scan: ScanColumn | null, { texts }: ValuesForm): number {
  if (scan === null) return EXPRESSION_NS;
  const { layout, width } = scan;
  if (layout === 'constant') return 0;
  if (layout === 'deltas') return MASK_NS_PER_BYTE * width;
  if (layout !== 'ids') return NUMBER_NS;
  const masks = texts?.kind === 'points' ? texts.texts.length : texts?.kind === 'range' ? 1 : null;
  const isMasked = scan.texts !== null && masks !== null && masks <= MAX_MASKS;
  return isMasked ? MASK_NS_PER_BYTE * width * Math.max(1, masks) : TABLE_NS;
}

/** Where nothing is known. */
const UNKNOWN_SHARE = 0.5;
const PATTERN_SHARE = 0.2;
const TEXT_RANGE_SHARE = 0.3;
const POINT_SHARE = 0.05;

/** Which part of the rows passes, about. */
export function shareOf(columns: Columns, { form }: Filter): number {
  switch (form?.kind) {
    case 'constant':
      return form.value === TRUE ? 1 : 0;
    case 'and':
      return form.filters.reduce((share, each) => share * shareOf(columns, each), 1);
    case 'or':
      return 1 - form.filters.reduce((share, each) => share * (1 - shareOf(columns, each)), 1);
    case 'not':
      return 1 - shareOf(columns, form.filter);
    case 'is':
      return form.wanted === TRUE ? shareOf(columns, form.filter) : UNKNOWN_SHARE;
    case 'values':
      return valuesShare(columns, form);
    default:
      return UNKNOWN_SHARE;
  }
}

function valuesShare(columns: Columns, { column, texts, numbersOf }: ValuesForm): number {
  const described = columns.segment.columns.find(({ name }) => name === column);
  if (described === undefined || columns.virtual(column) !== null) return UNKNOWN_SHARE;
  const { type, stats } = described;
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
