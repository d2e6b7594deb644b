import type { Filter } from '../../model/index.js';

/** The filters that all have to pass. */
export function conjunctsOf(filter: Filter): readonly Filter[] {
  return filter.form?.kind === 'and' ? filter.form.filters.flatMap(conjunctsOf) : [filter];
}
