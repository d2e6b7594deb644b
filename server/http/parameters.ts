import type { Context } from 'hono';
import type { AuditInfo, HistoryRange } from '../../cluster/index.js';
import { UserError } from '../../core/index.js';
import { type Interval, parseInterval } from '../../model/index.js';

/** Druid's flags count by their presence: `?full`, `?full=true` and `?full=false` are equal. */
export const has = (context: Context, flag: string): boolean =>
  context.req.query(flag) !== undefined;

/** A part of the path that the route names. */
export const pathText = (context: Context, name: string): string => context.req.param(name) ?? '';

/** An interval as paths and queries have it: `_` may stand for the slash. */
export const readInterval = (text: string, field: string): Interval =>
  parseInterval(text.replaceAll('_', '/'), field);

/** The interval in a path. */
export const pathInterval = (context: Context): Interval =>
  readInterval(pathText(context, 'interval'), 'interval');

/** The interval that the query names; null when it names none. */
export function queryInterval(context: Context, name = 'interval'): Interval | null {
  const text = context.req.query(name);
  return text === undefined ? null : readInterval(text, name);
}

/** A number of at least 1 in the query; null when there is none. Throws UserError. */
export function queryCount(context: Context, name: string): number | null {
  const text = context.req.query(name);
  if (text === undefined) return null;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count > 0) return count;
  throw refused(name, text, 'want a number of 1 or more');
}

/** A number in the query that must be there. Throws UserError. */
export function queryNumber(context: Context, name: string): number {
  const text = context.req.query(name) ?? '';
  if (/^\d{1,9}(\.\d{1,9})?$/.test(text)) return Number(text);
  throw refused(name, text, 'want a number of 0 or more');
}

/** A whole number in the query, also a negative one. Throws UserError. */
export function queryInteger(context: Context, name: string, whenAbsent: number): number {
  const text = context.req.query(name);
  if (text === undefined) return whenAbsent;
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  throw refused(name, text, 'want a whole number');
}

/** A text in the query that must be there. Throws UserError. */
export function queryText(context: Context, name: string): string {
  const text = context.req.query(name) ?? '';
  if (text !== '') return text;
  throw refused(name, text, `add ?${name}=… to the request`);
}

/** A query parameter that must be true or false. Throws UserError. */
export function queryBoolean(context: Context, name: string): boolean {
  const text = context.req.query(name) ?? '';
  if (text === 'true' || text === 'false') return text === 'true';
  throw refused(name, text, 'want true or false');
}

const WEEK_MS = 7 * 86_400_000;

/** Which part of a history is asked for: `interval` or `count`; the last week when neither is there. */
export function historyRange(context: Context, nowMs: number): HistoryRange {
  const count = queryCount(context, 'count');
  if (count !== null) return { count };
  const interval = queryInterval(context) ?? { startMs: nowMs - WEEK_MS, endMs: nowMs + 1 };
  return { interval };
}

/** Who changes a setting, as the request says. */
export const auditInfo = (context: Context): AuditInfo => ({
  author: context.req.header('X-Druid-Author') ?? '',
  comment: context.req.header('X-Druid-Comment') ?? '',
  ip: remoteAddress(context.env),
});

/** Of a request that came through a socket. */
function remoteAddress(env: unknown): string {
  const { incoming } = Object(env) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress ?? '';
}

const refused = (name: string, value: string, remedy: string): UserError =>
  new UserError(`${name}: ${remedy}; got ${JSON.stringify(value)}`, 'request', name);
