import { isJsonObject, parseJson, stringifyJson } from '../../core/index.js';
import type { DruidClient } from './druid-client.mjs';
import type { SameQuery } from './same-queries.js';

/** Sums of fractions may be made in another order. */
const TOLERANCE = 1e-12;

/** Asks a query past all caches; an answer that is an error is given as text. */
export async function answerOf(client: DruidClient, query: SameQuery): Promise<unknown> {
  const context = { useCache: false, useResultLevelCache: false };
  const { status, text } =
    query.sql === undefined
      ? await client.request('POST', '/druid/v2', { ...query.native, context })
      : await client.request('POST', '/druid/v2/sql', {
          query: query.sql,
          resultFormat: 'array',
          context,
        });
  if (status !== 200) return `${status}: ${text}`;
  const answer = parseJson(text);
  return query.anyOrder ? sortedEvents(answer) : answer;
}

/** The rows of a scan's batches, sorted: neither the batches nor their order are promised. */
function sortedEvents(answer: unknown): unknown {
  if (!Array.isArray(answer)) return answer;
  const events = answer.flatMap((batch) =>
    isJsonObject(batch) && Array.isArray(batch.events) ? batch.events : [],
  );
  return events.map((event) => stringifyJson(event)).sort();
}

/** Where two answers differ first, in words; null where they are the same. */
export function difference(left: unknown, right: unknown, path = ''): string | null {
  if (Array.isArray(left) && Array.isArray(right)) {
    if (left.length !== right.length) return `${path}: ${left.length} against ${right.length}`;
    return first(
      left.map((_, i) => i),
      (i) => difference(left[i], right[i], `${path}[${i}]`),
    );
  }
  if (isJsonObject(left) && isJsonObject(right)) {
    const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
    return first(keys, (key) => difference(left[key], right[key], `${path}.${key}`));
  }
  const isSame = left === right || (isDouble(left) && isDouble(right) && isNear(left, right));
  return isSame ? null : `${path}: ${stringifyJson(left)} against ${stringifyJson(right)}`;
}

const isDouble = (value: unknown): value is number => typeof value === 'number';

const isNear = (left: number, right: number) =>
  !(Number.isInteger(left) && Number.isInteger(right)) &&
  Math.abs(left - right) <= TOLERANCE * Math.max(Math.abs(left), Math.abs(right));

function first<T>(items: readonly T[], find: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}
