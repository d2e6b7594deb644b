import type { Filter, FilterForm } from '../../model/index.js';
import type { ScanColumn } from '../../segments/index.js';
import type { Columns } from '../compiler/columns.js';

type ValuesForm = Extract<FilterForm, { kind: 'values' }>;

/** Nanoseconds to a row, about, of tests that look at many rows at a time: by the bytes of an entry. */
const MASK_NS_PER_BYTE = 0.06;
/** Of those that look at one row after the other. */
const TABLE_NS = 1.2;
const NUMBER_NS = 1;
const EXPRESSION_NS = 4;
/** To cut a text into words, and to parse a document. */
const MATCH_NS = 1000;

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
      return form.words ? MATCH_NS : valuesNs(columns.stored(form.column), form);
    case 'json':
      return MATCH_NS;
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
