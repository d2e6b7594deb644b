import { Columns } from '../compiler/columns.js';
import { PerSegment } from '../compiler/per-segment.js';
import type { ScanTarget } from '../interpreter/target.js';
import type { BaseQuery } from '../native/query.js';
import { chooseFilter, type FilterChoice, scanBy } from './filter-choice.js';
import { rulesOf } from './filter-rules.js';

const choices = new PerSegment<FilterChoice>(() => true);

/** How the rows of a target are found that pass the query's filter: chosen once for each segment. */
export function filterChoice(
  { segment, scratchSlot }: Pick<ScanTarget, 'segment' | 'scratchSlot'>,
  query: BaseQuery,
): FilterChoice {
  const { filter, virtualColumns, context } = query;
  if (filter === null) return { kind: 'all', steps: [] };
  const choose = () =>
    chooseFilter(new Columns(segment, virtualColumns, scratchSlot, rulesOf(context)), filter);
  return choices.get(query, segment, choose) ?? scanBy(filter, segment.rowCount);
}
