import type { Context } from 'hono';
import { stringifyJson } from '../../core/index.js';
import { filterSummaries, type QueryStats } from '../../query/index.js';

/** As Druid has it: proxies refuse longer headers. */
const MAX_CHARACTERS = 7000;

/** Says in the response's context how the rows of filters were found, native query by native query. */
export function tellFilters(context: Context, stats: readonly QueryStats[]): void {
  const text = stringifyJson({ filters: filterSummaries(stats) });
  // A header has no other characters.
  const ascii = text.replace(
    /[^ -~]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const shown = ascii.length > MAX_CHARACTERS ? stringifyJson({ truncated: true }) : ascii;
  context.header('X-Druid-Response-Context', shown);
}
