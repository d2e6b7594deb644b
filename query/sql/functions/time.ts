import { checkTimeZone, isTimeUnit, parseInterval, parsePeriod } from '../../../model/index.js';
import { literal, type Rex, type RexLiteral } from '../algebra/rex.js';
import { isTime } from '../algebra/types.js';
import { type Position, planError } from '../position.js';
import { castTo } from './cast.js';
import { callOf, type FunctionContext, macro, type ScalarFunction } from './definition.js';
import { CEIL_NUMBER, FLOOR_NUMBER } from './numeric.js';
import { AND, GREATER_OR_EQUAL, LESS, MINUS, PLUS, TIMES } from './operators.js';
import {
  SUBTRACT_MONTHS,
  TIME_CEIL,
  TIME_EXTRACT,
  TIME_FLOOR,
  TIME_FORMAT,
  TIME_PARSE,
  TIME_SHIFT,
  WHOLE_UNITS,
} from './time-forms.js';

const PERIODS: ReadonlyMap<string, string> = new Map([
  ['SECOND', 'PT1S'],
  ['MINUTE', 'PT1M'],
  ['HOUR', 'PT1H'],
  ['DAY', 'P1D'],
  ['WEEK', 'P1W'],
  ['MONTH', 'P1M'],
  ['QUARTER', 'P3M'],
  ['YEAR', 'P1Y'],
  ['DECADE', 'P10Y'],
  ['CENTURY', 'P100Y'],
  ['MILLENNIUM', 'P1000Y'],
]);

/** Milliseconds of the units of fixed length. */
const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['MILLISECOND', 1],
  ['SECOND', 1000],
  ['MINUTE', 60_000],
  ['HOUR', 3_600_000],
  ['DAY', 86_400_000],
  ['WEEK', 604_800_000],
]);

const MONTHS: ReadonlyMap<string, number> = new Map([
  ['MONTH', 1],
  ['QUARTER', 3],
  ['YEAR', 12],
]);

const text = (value: string, position: Position): RexLiteral => literal('VARCHAR', value, position);

/** The constant text of an argument; null when it is absent or NULL. */
function constantText(rex: Rex | undefined): string | null {
  return rex?.kind === 'literal' && typeof rex.value === 'string' ? rex.value : null;
}

/** The zone argument, or the statement's zone. */
function zoneOf(rex: Rex | undefined, context: FunctionContext, position: Position): RexLiteral {
  const zone = constantText(rex);
  if (zone === null) return text(context.timeZone, position);
  try {
    return text(checkTimeZone(zone, 'time zone'), position);
  } catch {
    throw planError(
      `Unknown time zone [${zone}]; name one such as Europe/Berlin or +02:00`,
      position,
    );
  }
}

function periodOf(rex: Rex | undefined, position: Position): RexLiteral {
  const period = constantText(rex);
  if (period === null || parsePeriod(period) === null) {
    throw planError(`Invalid period [${period}]; write an ISO period such as 'PT1H'`, position);
  }
  return text(period, position);
}

/** The period of a unit named by FLOOR(t TO unit) or DATE_TRUNC; plurals will do. */
function unitPeriod(rex: Rex | undefined, position: Position): RexLiteral | null {
  const unit = (constantText(rex) ?? '').toUpperCase().replace(/S$/, '');
  if (unit === 'MILLISECOND' || unit === 'MICROSECOND') return null;
  const period = PERIODS.get(
    unit === 'CENTURIE' ? 'CENTURY' : unit === 'MILLENNIA' ? 'MILLENNIUM' : unit,
  );
  if (period === undefined) throw unknownUnit(unit, position);
  return text(period, position);
}

const unknownUnit = (unit: string, position: Position): Error =>
  planError(`Unknown time unit [${unit}]; use one of ${[...PERIODS.keys()].join(', ')}`, position);

function floorTo(
  fn: ScalarFunction,
  time: Rex,
  period: RexLiteral | null,
  context: FunctionContext,
  at: Position,
): Rex {
  const t = castTo(time, time.type === 'DATE' ? 'DATE' : 'TIMESTAMP', context);
  if (period === null) return t;
  const args = [t, period, literal('TIMESTAMP', null, at), text(context.timeZone, at)];
  return callOf(fn, args, at);
}

/** TIME_FLOOR and TIME_CEIL as users write them. */
const bucketing =
  (fn: ScalarFunction): NonNullable<ScalarFunction['expand']> =>
  ([time, period, origin, zone], context, at) => {
    const start =
      origin === undefined ? literal('TIMESTAMP', null, at) : castTo(origin, 'TIMESTAMP', context);
    return callOf(fn, [time!, periodOf(period, at), start, zoneOf(zone, context, at)], at);
  };

/** FLOOR and CEIL are of a number, or of a time to a unit. */
const rounding =
  (ofNumber: ScalarFunction, ofTime: ScalarFunction): NonNullable<ScalarFunction['expand']> =>
  ([x, unit], context, at) => {
    if (unit !== undefined) return floorTo(ofTime, x!, unitPeriod(unit, at), context, at);
    if (isTime(x!.type)) throw planError(`${ofNumber.name} of a time wants TO and a unit`, at);
    return callOf(ofNumber, [x!.type === 'VARCHAR' ? castTo(x!, 'DOUBLE', context) : x!], at);
  };

function extract(time: Rex, unit: string, zone: RexLiteral, at: Position): Rex {
  if (!isTimeUnit(unit)) throw planError(`Unknown time unit [${unit}] to extract`, at);
  return callOf(TIME_EXTRACT, [time, text(unit, at), zone], at);
}

/** YEAR(t) and its like. */
const part = (name: string, unit: string): ScalarFunction =>
  macro(
    name,
    'time',
    ([time], context, at) => extract(time!, unit, zoneOf(undefined, context, at), at),
    `EXTRACT(${unit} FROM t).`,
  );

/** TIMESTAMPADD(unit, n, t). */
const add: NonNullable<ScalarFunction['expand']> = ([unit, count, time], context, at) => {
  const name = constantText(unit)!;
  const ms = UNIT_MS.get(name);
  if (ms !== undefined) {
    const span = callOf(TIMES, [count!, literal('BIGINT', ms, at)], at);
    return { kind: 'call', fn: PLUS, args: [time!, span], type: time!.type, position: at };
  }
  if (!MONTHS.has(name)) throw unknownUnit(name, at);
  const args = [time!, text(PERIODS.get(name)!, at), count!, text(context.timeZone, at)];
  return callOf(TIME_SHIFT, args, at);
};

/** TIMESTAMPDIFF(unit, a, b): whole units from a to b. */
const difference: NonNullable<ScalarFunction['expand']> = ([unit, a, b], context, at) => {
  const name = constantText(unit)!;
  const ms = UNIT_MS.get(name);
  if (ms !== undefined) {
    const span: Rex = { kind: 'call', fn: MINUS, args: [b!, a!], type: 'BIGINT', position: at };
    return callOf(WHOLE_UNITS, [span, literal('BIGINT', ms, at)], at);
  }
  const months = MONTHS.get(name);
  if (months === undefined) throw unknownUnit(name, at);
  const whole = callOf(SUBTRACT_MONTHS, [b!, a!, text(context.timeZone, at)], at);
  return months === 1 ? whole : callOf(WHOLE_UNITS, [whole, literal('BIGINT', months, at)], at);
};

/** TIME_IN_INTERVAL(t, 'start/end'). */
const inInterval: NonNullable<ScalarFunction['expand']> = ([time, interval], _, at) => {
  const { startMs, endMs } = parseIntervalText(constantText(interval) ?? '', at);
  const from = callOf(GREATER_OR_EQUAL, [time!, literal('TIMESTAMP', startMs, at)], at);
  const to = callOf(LESS, [time!, literal('TIMESTAMP', endMs, at)], at);
  return callOf(AND, [from, to], at);
};

function parseIntervalText(interval: string, at: Position) {
  try {
    return parseInterval(interval);
  } catch {
    throw planError(`Invalid interval [${interval}]; write start/end such as 2000/2001`, at);
  }
}

export const TIME: readonly ScalarFunction[] = [
  macro('FLOOR', 'any unit?', rounding(FLOOR_NUMBER, TIME_FLOOR), 'FLOOR(x), or FLOOR(t TO unit).'),
  macro('CEIL', 'any unit?', rounding(CEIL_NUMBER, TIME_CEIL), 'CEIL(x), or CEIL(t TO unit).'),
  macro(
    'TIME_FLOOR',
    'time string! time?! string?!',
    bucketing(TIME_FLOOR),
    'Start of the period that holds t.',
  ),
  macro(
    'TIME_CEIL',
    'time string! time?! string?!',
    bucketing(TIME_CEIL),
    'The next start of a period, or t itself.',
  ),
  macro(
    'DATE_TRUNC',
    'string! time',
    ([unit, t], c, at) => floorTo(TIME_FLOOR, t!, unitPeriod(unit, at), c, at),
    'Start of the unit that holds t.',
  ),
  macro(
    'TIME_SHIFT',
    'time string! integer string?!',
    ([t, period, step, zone], c, at) =>
      callOf(TIME_SHIFT, [t!, periodOf(period, at), step!, zoneOf(zone, c, at)], at),
    't moved by a number of periods.',
  ),
  macro(
    'TIME_EXTRACT',
    'time string?! string?!',
    ([t, unit, zone], c, at) =>
      extract(t!, (constantText(unit) ?? 'EPOCH').toUpperCase(), zoneOf(zone, c, at), at),
    'A field of t, such as HOUR.',
  ),
  macro(
    'EXTRACT',
    'unit time',
    ([unit, t], c, at) => extract(t!, constantText(unit)!, zoneOf(undefined, c, at), at),
    'A field of t: EXTRACT(HOUR FROM t).',
  ),
  macro(
    'TIME_PARSE',
    'string string?! string?!',
    ([s, pattern, zone], c, at) =>
      callOf(TIME_PARSE, [s!, pattern ?? literal('VARCHAR', null, at), zoneOf(zone, c, at)], at),
    'Text to time by a Joda pattern, ISO by default; NULL when it does not fit.',
  ),
  macro(
    'TIME_FORMAT',
    'time string?! string?!',
    ([t, pattern, zone], c, at) =>
      callOf(TIME_FORMAT, [t!, pattern ?? literal('VARCHAR', null, at), zoneOf(zone, c, at)], at),
    'Time to text by a Joda pattern, ISO by default.',
  ),
  macro(
    'TIME_IN_INTERVAL',
    'time string!',
    inInterval,
    'Whether t is in an ISO interval, end excluded.',
  ),
  macro(
    'MILLIS_TO_TIMESTAMP',
    'integer',
    ([n], c) => castTo(n!, 'TIMESTAMP', c),
    'Milliseconds since 1970 to time.',
  ),
  macro(
    'TIMESTAMP_TO_MILLIS',
    'time',
    ([t], c) => castTo(t!, 'BIGINT', c),
    'Time to milliseconds since 1970.',
  ),
  macro('TIMESTAMPADD', 'unit integer time', add, 't and a number of units.'),
  macro(
    'TIMESTAMPDIFF',
    'unit time time',
    difference,
    'Whole units from the first time to the second.',
  ),
  macro(
    'CURRENT_TIMESTAMP',
    '',
    (_, c, at) => literal('TIMESTAMP', c.nowMs, at),
    'The time of the statement.',
  ),
  macro(
    'LOCALTIMESTAMP',
    '',
    (_, c, at) => literal('TIMESTAMP', c.nowMs, at),
    'The time of the statement.',
  ),
  macro(
    'CURRENT_DATE',
    '',
    (_, c, at) => castTo(literal('TIMESTAMP', c.nowMs, at), 'DATE', c),
    'The day of the statement.',
  ),
  part('YEAR', 'YEAR'),
  part('QUARTER', 'QUARTER'),
  part('MONTH', 'MONTH'),
  part('WEEK', 'WEEK'),
  part('DAYOFYEAR', 'DOY'),
  part('DAYOFMONTH', 'DAY'),
  part('DAYOFWEEK', 'DOW'),
  part('HOUR', 'HOUR'),
  part('MINUTE', 'MINUTE'),
  part('SECOND', 'SECOND'),
];
