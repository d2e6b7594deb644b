import type { Context } from 'hono';
import { stringifyJson } from '../../core/index.js';
import type { Explanations } from '../../query/index.js';

/** As Druid has it: proxies refuse longer headers. */
const MAX_CHARACTERS = 7000;

/** Says in the response's context how native queries were answered, as far as they were asked to tell; nothing where none was. */
export function tellExplanations(context: Context, explained: Explanations): void {
  if (Object.keys(explained).length === 0) return;
  const shorter = Object.fromEntries(
    Object.entries(explained).map(([topic, told]) => [topic, told.map(withoutSegments)]),
  );
  const texts = [explained, { ...shorter, truncated: true }].map(headerText);
  const shown = texts.find(({ length }) => length <= MAX_CHARACTERS);
  context.header('X-Druid-Response-Context', shown ?? headerText({ truncated: true }));
}

function withoutSegments<T extends { readonly bySegment: unknown }>({
  bySegment: _,
  ...summary
}: T): Omit<T, 'bySegment'> {
  return summary;
}

/** As JSON, in the characters that a header may have. */
const headerText = (json: unknown): string =>
  stringifyJson(json).replace(
    /[^ -~]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
