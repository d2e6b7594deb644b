import type { Context } from 'hono';
import { type JsonObject, stringifyJson } from '../../core/index.js';
import type { Explanations } from '../../query/index.js';

/** As Druid has it: proxies refuse longer headers. */
const MAX_CHARACTERS = 7000;

/**
 * Says in the response's context how native queries were answered, and what it took (`metrics`), as far as they were asked to tell;
 * nothing where none was: whoever does not read it would pay for it, and an answer's headers would never be the same twice.
 */
export function tellExplanations(
  context: Context,
  explained: Explanations,
  metrics: JsonObject | null = null,
): void {
  const measured = metrics === null ? {} : { metrics };
  if (Object.keys(explained).length === 0 && metrics === null) return;
  const shorter = Object.fromEntries(
    Object.entries(explained).map(([topic, told]) => [topic, told.map(withoutSegments)]),
  );
  const texts = [
    { ...explained, ...measured },
    { ...shorter, ...measured, truncated: true },
    { ...measured, truncated: true },
  ].map(headerText);
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
