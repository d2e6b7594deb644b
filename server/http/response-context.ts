import type { Context } from 'hono';
import { type JsonObject, stringifyJson } from '../../core/index.js';
import {
  type Explanations,
  explanationsOf,
  type Gaps,
  gapsOf,
  type QueryStats,
} from '../../query/index.js';

/** As Druid has it: proxies refuse longer headers. */
const MAX_CHARACTERS = 7000;

/** What the header of a response tells of its answer, beside the answer. */
export interface ResponseContext {
  readonly explained: Explanations;
  /** What is missing. */
  readonly gaps: Gaps;
  /** What it took. */
  readonly metrics: JsonObject | null;
}

export const responseOf = (
  stats: readonly QueryStats[],
  metrics: JsonObject | null,
): ResponseContext => ({ explained: explanationsOf(stats), gaps: gapsOf(stats), metrics });

/**
 * Says in the response's context what is missing, how native queries were answered, and what it took, as far as there is something missing or they were
 * asked to tell; nothing where there is not: whoever does not read it would pay for it, and an answer's headers would never be the same twice.
 */
export function tellResponse(context: Context, response: ResponseContext): void {
  for (const told of fromLongToShort(response)) {
    if (Object.keys(told).length === 0) return;
    const text = headerText(told);
    if (text.length > MAX_CHARACTERS) continue;
    context.header('X-Druid-Response-Context', text);
    return;
  }
}

/** What is missing is told last of all to be left out: then the first of the segments and intervals, and that they are not all. */
function* fromLongToShort({ explained, gaps, metrics }: ResponseContext): Generator<object> {
  const measured = metrics === null ? {} : { metrics };
  const truncated = true;
  const shorter = Object.fromEntries(
    Object.entries(explained).map(([topic, told]) => [topic, told.map(withoutSegments)]),
  );
  yield { ...explained, ...measured, ...gaps };
  yield { ...shorter, ...measured, ...gaps, truncated };
  yield { ...measured, ...gaps, truncated };
  const { missingSegments = [], uncoveredIntervals = [] } = gaps;
  for (let most = missingSegments.length + uncoveredIntervals.length; most > 0; most >>= 1) {
    yield { ...firstOf(gaps, most), truncated };
  }
  yield { truncated };
}

function firstOf({ missingSegments, uncoveredIntervals }: Gaps, most: number): Gaps {
  return {
    ...(missingSegments && { missingSegments: missingSegments.slice(0, most) }),
    ...(uncoveredIntervals && {
      uncoveredIntervals: uncoveredIntervals.slice(0, most),
      uncoveredIntervalsOverflowed: true,
    }),
  };
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
