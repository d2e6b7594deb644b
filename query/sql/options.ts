import { isJsonObject, type JsonObject, stringifyJson, UserError } from '../../core/index.js';
import { isTimeZone, parseInstant } from '../../model/index.js';
import type { PlanOptions } from './plan/native-plan.js';

/** Rows a subquery may give when the context does not say. */
const DEFAULT_MAX_SUBQUERY_ROWS = 100_000;

/** Keys that change the shape of a native answer; SQL has its own. */
const SHAPING = new Set([
  'bySegment',
  'finalize',
  'fudgeTimestamp',
  'grandTotal',
  'resultAsArray',
  'serializeDateTimeAsLong',
  'sortByDimsFirst',
  'timestampResultField',
]);

/** What the context of a statement says, defaults filled in. */
export interface StatementOptions {
  readonly sqlQueryId: string | null;
  readonly timeZone: string;
  /** The time of CURRENT_TIMESTAMP, when the context fixes it. */
  readonly nowMs: number | null;
  readonly stringifyArrays: boolean;
  /** Whether sketches that aggregates make are answered as numbers. */
  readonly finaliseSketches: boolean;
  /** At most this many rows are answered, whatever the statement says. */
  readonly outerLimit: number | null;
  readonly planning: PlanOptions;
}

/** Reads the context. Throws UserError 'context' naming the key. */
export function statementOptions(context: JsonObject): StatementOptions {
  const timeZone = textOf(context, 'sqlTimeZone') ?? 'UTC';
  if (!isTimeZone(timeZone))
    throw badContext('sqlTimeZone', timeZone, 'a time zone such as Europe/Berlin');
  return {
    sqlQueryId: textOf(context, 'sqlQueryId'),
    timeZone,
    nowMs: timeOf(context, 'sqlCurrentTimestamp'),
    stringifyArrays: flagOf(context, 'sqlStringifyArrays', true),
    finaliseSketches: flagOf(context, 'sqlFinalizeOuterSketches', false),
    outerLimit: countOf(context, 'sqlOuterLimit'),
    planning: {
      approximateTopN: flagOf(context, 'useApproximateTopN', true),
      approximateCountDistinct: flagOf(context, 'useApproximateCountDistinct', true),
      timeBoundary: flagOf(context, 'enableTimeBoundaryPlanning', false),
      maxSubqueryRows: countOf(context, 'maxSubqueryRows') ?? DEFAULT_MAX_SUBQUERY_ROWS,
      context: Object.fromEntries(Object.entries(context).filter(([key]) => !SHAPING.has(key))),
    },
  };
}

/** The context of a request; absent is empty. */
export function contextOf(value: unknown): JsonObject {
  if (value === undefined || value === null) return {};
  if (isJsonObject(value)) return value;
  throw new UserError('context: want an object', 'context', 'context');
}

function badContext(key: string, value: unknown, want: string): UserError {
  return new UserError(
    `context.${key}: want ${want}; got ${stringifyJson(value)}`,
    'context',
    `context.${key}`,
  );
}

function textOf(context: JsonObject, key: string): string | null {
  const value = context[key];
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  throw badContext(key, value, 'a text');
}

function flagOf(context: JsonObject, key: string, absent: boolean): boolean {
  const value = context[key];
  if (value === undefined || value === null) return absent;
  const text = String(value).toLowerCase();
  if (text === 'true' || text === 'false') return text === 'true';
  throw badContext(key, value, 'true or false');
}

function countOf(context: JsonObject, key: string): number | null {
  const value = context[key];
  if (value === undefined || value === null) return null;
  const count = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw badContext(key, value, 'a whole number, 0 or more');
}

function timeOf(context: JsonObject, key: string): number | null {
  const value = context[key];
  if (value === undefined || value === null) return null;
  const ms = parseInstant(String(value), 'UTC');
  if (ms !== null) return ms;
  throw badContext(key, value, 'an ISO time');
}
