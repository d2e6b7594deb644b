import { type Dimension, type Filter, TRUE } from '../../model/index.js';

/** About how many combinations of values of these dimensions a filter lets through at most; Infinity where it does not tell. */
export const mostKeys = (filter: Filter | null, dimensions: readonly Dimension[]): number =>
  dimensions.reduce((product, { inputs }) => {
    const [column] = inputs;
    return product * (inputs.length === 1 ? mostValues(filter, column!) : Number.POSITIVE_INFINITY);
  }, 1);

function mostValues(filter: Filter | null, column: string): number {
  const form = filter?.form;
  if (form?.kind === 'and') {
    return Math.min(...form.filters.map((each) => mostValues(each, column)));
  }
  const texts = form?.kind === 'values' && form.column === column ? form.texts : null;
  if (texts?.kind !== 'points') return Number.POSITIVE_INFINITY;
  return texts.texts.length + (texts.forNull === TRUE ? 1 : 0);
}
