import { doubleToLong, type Long } from '../../../core/index.js';
import { formatInstant, monthsBetween, parseInstant } from '../../time/instant.js';
import { jodaFormatter } from '../../time/joda-format.js';
import { jodaParser } from '../../time/joda-parse.js';
import { type Period, parsePeriod, shiftByPeriod } from '../../time/period.js';
import { periodGranularity } from '../../time/period-granularity.js';
import { isTimeUnit, timeUnitExtractor, timeUnitType } from '../../time/time-unit.js';
import { checkTimeZone } from '../../time/time-zone.js';
import type { Value } from '../../types.js';
import { asInt, asLong, asText } from '../coerce.js';
import type { Operand } from '../operand.js';
import {
  callError,
  define,
  type FunctionDefinition,
  literalOf,
  literalText,
  neededText,
  unlessNull,
} from './definition.js';

/** Instants are LONG milliseconds since the epoch. Periods, patterns, units and time zones are literals. */

function timeZoneAt(name: string, args: readonly Operand[], index: number): string {
  const zone = literalText(name, args, index, 'the time zone');
  return zone === null || zone === '' ? 'UTC' : checkTimeZone(zone, `Function[${name}] time zone`);
}

function periodAt(name: string, args: readonly Operand[]): { text: string; period: Period } {
  const text = neededText(name, args, 1, 'the period');
  const period = parsePeriod(text);
  if (period === null) {
    throw callError(
      name,
      `needs an ISO-8601 period such as 'P1D' or 'PT1H', got ${JSON.stringify(text)}`,
    );
  }
  return { text, period };
}

/** The origin: milliseconds, ISO text or null. */
function originAt(name: string, args: readonly Operand[], timeZone: string): number | null {
  const origin = literalOf(name, args, 2, 'the origin');
  if (origin === null || origin === '') return null;
  if (typeof origin !== 'string') return Number(origin);
  const ms = parseInstant(origin, timeZone);
  if (ms === null) throw callError(name, `cannot read the origin ${JSON.stringify(origin)}`);
  return ms;
}

function granularityOf(name: string, args: readonly Operand[]) {
  const { text } = periodAt(name, args);
  const timeZone = timeZoneAt(name, args, 3);
  return periodGranularity(text, originAt(name, args, timeZone), timeZone);
}

/** A function of the instant that is the first argument. */
const ofInstant = (arg: Operand, evaluate: (ms: number) => Value): (() => Value) =>
  unlessNull([asLong(arg)], (ms) => evaluate(Number(ms as Long)));

/** How a text is read: by a Joda pattern, or as ISO-8601 when there is none. */
function instantParser(pattern: string | null, timeZone: string): (text: string) => number | null {
  return pattern === null ? (text) => parseInstant(text, timeZone) : jodaParser(pattern, timeZone);
}

/** `timestamp` and `unix_timestamp`: what cannot be read is an error. */
const parsing = (usage: string, doc: string, divisor: number): FunctionDefinition =>
  define({
    usage,
    doc,
    resultType: () => 'LONG',
    compile: (args) => {
      const name = usage.slice(0, usage.indexOf('('));
      const parse = instantParser(literalText(name, args, 1, 'the pattern'), 'UTC');
      return unlessNull([asText(args[0]!)], (text) => {
        const ms = parse(text as string);
        if (ms === null) throw callError(name, `cannot read ${JSON.stringify(text)} as a time`);
        return doubleToLong(ms / divisor);
      });
    },
  });

export const TIME_FUNCTIONS: readonly FunctionDefinition[] = [
  define({
    usage: 'timestamp_floor(time, period, [origin], [timezone])',
    doc: 'the start of the period that holds the time',
    resultType: () => 'LONG',
    compile: (args) => {
      const granularity = granularityOf('timestamp_floor', args);
      return ofInstant(args[0]!, (ms) => doubleToLong(granularity.bucketStart(ms)));
    },
  }),
  define({
    usage: 'timestamp_ceil(time, period, [origin], [timezone])',
    doc: 'the time itself where a period starts, else the start of the next one',
    resultType: () => 'LONG',
    compile: (args) => {
      const granularity = granularityOf('timestamp_ceil', args);
      return ofInstant(args[0]!, (ms) => {
        const start = granularity.bucketStart(ms);
        return doubleToLong(start === ms ? ms : granularity.nextBucket(start));
      });
    },
  }),
  define({
    usage: 'timestamp_shift(time, period, step, [timezone])',
    doc: 'the time moved by so many periods on the calendar',
    resultType: () => 'LONG',
    compile: (args) => {
      const { period } = periodAt('timestamp_shift', args);
      const timeZone = timeZoneAt('timestamp_shift', args, 3);
      return unlessNull([asLong(args[0]!), asInt(args[2]!)], (ms, step) =>
        doubleToLong(shiftByPeriod(Number(ms as Long), period, step as number, timeZone)),
      );
    },
  }),
  define({
    usage: 'timestamp_extract(time, unit, [timezone])',
    doc: "a part of the time, such as 'HOUR', 'DOW' or 'EPOCH'",
    resultType: (args) => timeUnitType(unitOf(args)),
    compile: (args) => {
      const extract = timeUnitExtractor(unitOf(args), timeZoneAt('timestamp_extract', args, 2));
      return ofInstant(args[0]!, extract);
    },
  }),
  define({
    usage: 'timestamp_parse(text, [pattern], [timezone])',
    doc: 'the time that the text writes, by a Joda pattern or in ISO-8601; null when it writes none',
    resultType: () => 'LONG',
    compile: (args) => {
      const pattern = literalText('timestamp_parse', args, 1, 'the pattern');
      const parse = instantParser(pattern, timeZoneAt('timestamp_parse', args, 2));
      return unlessNull([asText(args[0]!)], (text) => {
        const ms = parse(text as string);
        return ms === null ? null : doubleToLong(ms);
      });
    },
  }),
  define({
    usage: 'timestamp_format(time, [pattern], [timezone])',
    doc: 'the time as text, by a Joda pattern or in ISO-8601',
    resultType: () => 'STRING',
    compile: (args) => {
      const pattern = literalText('timestamp_format', args, 1, 'the pattern');
      const timeZone = timeZoneAt('timestamp_format', args, 2);
      const format =
        pattern === null
          ? (ms: number) => formatInstant(ms, timeZone)
          : jodaFormatter(pattern, timeZone);
      return ofInstant(args[0]!, format);
    },
  }),
  parsing('timestamp(text, [pattern])', 'milliseconds of the time that the text writes', 1),
  parsing('unix_timestamp(text, [pattern])', 'seconds of the time that the text writes', 1000),
  define({
    usage: 'subtract_months(time, other, timezone)',
    doc: 'whole months from the other time to this one',
    resultType: () => 'LONG',
    compile: (args) => {
      const timeZone = timeZoneAt('subtract_months', args, 2);
      return unlessNull([asLong(args[0]!), asLong(args[1]!)], (time, other) =>
        monthsBetween(Number(other as Long), Number(time as Long), timeZone),
      );
    },
  }),
];

function unitOf(args: readonly Operand[]): string {
  const unit = neededText('timestamp_extract', args, 1, 'the unit');
  if (!isTimeUnit(unit)) {
    throw callError(
      'timestamp_extract',
      `knows no unit ${JSON.stringify(unit)}; use YEAR, MONTH, DAY, HOUR …`,
    );
  }
  return unit;
}
