import { fixedMs, type Interval, parseInterval, periodOf } from './interval.js';

/** What the panel or variable that asks is looking at. */
export interface MacroScope {
  /** The time range [fromMs, toMs), in milliseconds since 1970. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The width of a point on the screen, as Grafana suggests it: `30s`, and the same in milliseconds. */
  readonly interval: string;
  readonly intervalMs: number;
  /** IANA name of the dashboard's time zone. */
  readonly timeZone: string;
}

/** What stands in a bucket for which no row came. */
export type FillValue = null | 'previous' | number;

/** The third argument of `$__timeGroup`: which buckets there are, and what empty ones show. */
export interface Fill {
  readonly interval: Interval;
  readonly timeZone: string;
  readonly value: FillValue;
}

/** What takes the place of a call, and the buckets it asks for. */
interface Grouping {
  readonly sql: string;
  readonly fill: Fill | null;
}

type Expand = (args: readonly string[], scope: MacroScope) => string | Grouping;

export interface Macro {
  /** How it is written, for the editor's list and for error messages. */
  readonly usage: string;
  readonly detail: string;
  /** How many arguments it takes. */
  readonly min: number;
  readonly max: number;
  readonly expand: Expand;
}

/** Etc/UTC is what TIME_FLOOR takes without being told. */
const UTC_NAMES = new Set(['UTC', 'Etc/UTC', 'GMT', 'Etc/GMT']);

/** Literals are in UTC: requests say so in their context. */
function timestamp(ms: number): string {
  const [date, time = ''] = new Date(ms).toISOString().split('T');
  return `TIMESTAMP '${date} ${time.slice(0, -1)}'`;
}

/** Seconds with a fraction where there is one, so that a filter by them cuts at the millisecond. */
const seconds = (ms: number): string => String(ms / 1_000);

const between = (column: string, from: string, to: string): string =>
  `(${column} >= ${from} AND ${column} < ${to})`;

/** In quotes, `$__interval` has not been expanded: quotes are opaque. */
const intervalOf = (text = '', { interval }: MacroScope): Interval =>
  parseInterval(text.replace('$__interval', interval));

function timeGroup([column, interval, fill]: readonly string[], scope: MacroScope): Grouping {
  const parsed = intervalOf(interval, scope);
  const { timeZone } = scope;
  const zone = UTC_NAMES.has(timeZone) ? '' : `, NULL, '${timeZone.replaceAll("'", "''")}'`;
  return {
    sql: `TIME_FLOOR(${column}, '${periodOf(parsed)}'${zone})`,
    fill: fillOf(parsed, timeZone, fill),
  };
}

function unixEpochGroup([column, interval, fill]: readonly string[], scope: MacroScope): Grouping {
  const parsed = intervalOf(interval, scope);
  const ms = fixedMs(parsed);
  if (ms === null) {
    throw new Error(
      `$__unixEpochGroup takes intervals up to hours, not ${interval}: days and more depend on the time zone; use $__timeGroup(MILLIS_TO_TIMESTAMP(1000 * ${column}), ${interval})`,
    );
  }
  const width = seconds(ms);
  // A divisor with a point, or whole numbers would be divided towards zero.
  const divisor = width.includes('.') ? width : `${width}.0`;
  return {
    sql: `FLOOR((${column}) / ${divisor}) * ${width}`,
    fill: fillOf(parsed, 'UTC', fill),
  };
}

function fillOf(interval: Interval, timeZone: string, text: string | undefined): Fill | null {
  if (text === undefined) return null;
  const value = fillValue(text.trim());
  return { interval, timeZone, value };
}

function fillValue(text: string): FillValue {
  if (/^null$/i.test(text)) return null;
  if (/^previous$/i.test(text)) return 'previous';
  const number = Number(text);
  if (text !== '' && Number.isFinite(number)) return number;
  throw new Error(
    `the fill ${text === '' ? 'of $__timeGroup' : text} is not known: write NULL, previous or a number`,
  );
}

function aliased(expand: typeof timeGroup): Expand {
  return (args, scope) => {
    const { sql, fill } = expand(args, scope);
    return { sql: `${sql} AS "time"`, fill };
  };
}

/** All macros by name. Times are half-open: `from` is in the range, `to` is not. */
export const MACROS: ReadonlyMap<string, Macro> = new Map(
  Object.entries({
    timeFilter: {
      usage: '$__timeFilter(column)',
      detail: 'the rows of the time range; the column is __time when left out',
      min: 0,
      max: 1,
      expand: ([column = '__time'], { fromMs, toMs }) =>
        between(column, timestamp(fromMs), timestamp(toMs)),
    },
    timeFrom: {
      usage: '$__timeFrom()',
      detail: 'start of the time range, a TIMESTAMP',
      min: 0,
      max: 0,
      expand: (_, { fromMs }) => timestamp(fromMs),
    },
    timeTo: {
      usage: '$__timeTo()',
      detail: 'end of the time range, a TIMESTAMP',
      min: 0,
      max: 0,
      expand: (_, { toMs }) => timestamp(toMs),
    },
    timeGroup: {
      usage: '$__timeGroup(column, interval, fill)',
      detail: "floors a time in the dashboard's time zone; fill is optional: NULL, previous, 0",
      min: 2,
      max: 3,
      expand: timeGroup,
    },
    timeGroupAlias: {
      usage: '$__timeGroupAlias(column, interval, fill)',
      detail: 'the same AS "time"',
      min: 2,
      max: 3,
      expand: aliased(timeGroup),
    },
    time: {
      usage: '$__time(column)',
      detail: 'column AS "time"',
      min: 1,
      max: 1,
      expand: ([column]) => `${column} AS "time"`,
    },
    interval: {
      usage: '$__interval',
      detail: 'width of a point on the screen, for $__timeGroup',
      min: 0,
      max: 0,
      expand: (_, { interval }) => interval,
    },
    interval_ms: {
      usage: '$__interval_ms',
      detail: 'the same in milliseconds, a number',
      min: 0,
      max: 0,
      expand: (_, { intervalMs }) => String(intervalMs),
    },
    unixEpochFilter: {
      usage: '$__unixEpochFilter(column)',
      detail: 'the rows of the time range by a column of seconds since 1970',
      min: 1,
      max: 1,
      expand: ([column], { fromMs, toMs }) =>
        between(column as string, seconds(fromMs), seconds(toMs)),
    },
    unixEpochFrom: {
      usage: '$__unixEpochFrom()',
      detail: 'start of the time range in seconds since 1970',
      min: 0,
      max: 0,
      expand: (_, { fromMs }) => seconds(fromMs),
    },
    unixEpochTo: {
      usage: '$__unixEpochTo()',
      detail: 'end of the time range in seconds since 1970',
      min: 0,
      max: 0,
      expand: (_, { toMs }) => seconds(toMs),
    },
    unixEpochGroup: {
      usage: '$__unixEpochGroup(column, interval, fill)',
      detail: 'floors a column of seconds since 1970',
      min: 2,
      max: 3,
      expand: unixEpochGroup,
    },
    unixEpochGroupAlias: {
      usage: '$__unixEpochGroupAlias(column, interval, fill)',
      detail: 'the same AS "time"',
      min: 2,
      max: 3,
      expand: aliased(unixEpochGroup),
    },
  } satisfies Record<string, Macro>),
);
