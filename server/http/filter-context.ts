import type { Context } from 'hono';
import { stringifyJson } from '../../core/index.js';
import type { FilterSummaryJson } from '../../query/index.js';

/** As Druid has it: proxies refuse longer headers. */
const MAX_CHARACTERS = 7000;

/** Says in the response's context how the rows of filters were found, native query by native query. */
export function tellFilters(context: Context, filters: readonly FilterSummaryJson[]): void {
  const shorter = filters.map(({ bySegment: _, ...summary }) => summary);
  const texts = [{ filters }, { filters: shorter, truncated: true }].map(headerText);
  const shown = texts.find(({ length }) => length <= MAX_CHARACTERS);
  context.header('X-Druid-Response-Context', shown ?? headerText({ truncated: true }));
}

/** As JSON, in the characters that a header may have. */
const headerText = (json: unknown): string =>
  stringifyJson(json).replace(
    /[^ -~]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
