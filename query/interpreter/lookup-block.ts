import type { LookupTable } from '../../model/index.js';
import type { ResultField } from '../result.js';
import { type RowBlock, toRowBlock } from './rows-segment.js';

const FIELDS: readonly ResultField[] = [
  { name: 'k', type: 'STRING' },
  { name: 'v', type: 'STRING' },
];

/** The pairs of a lookup as rows. */
export const lookupBlock = (table: LookupTable): RowBlock =>
  toRowBlock(FIELDS, [...table.entries()]);
