import { z } from 'zod';
import { UnsupportedError } from '../../../core/index.js';
import { flagSpec, jsonSpec, readSpec } from '../../spec.js';
import { parseGranularity } from '../../time/granularity.js';
import { clampInstant, formatInstant, parseInstant } from '../../time/instant.js';
import { jodaFormatter } from '../../time/joda-format.js';
import { checkTimeZone } from '../../time/time-zone.js';
import type { Scalar } from '../../types.js';
import type { ExtractionReader } from './extraction-fn.js';

const Schema = z.object({
  format: z.string().nullish(),
  timeZone: z.string().nullish(),
  locale: z.string().nullish(),
  granularity: jsonSpec,
  asMillis: flagSpec(false),
});

/**
 * Instants (milliseconds, or ISO text) floored to a granularity, then printed: by a Joda pattern,
 * as milliseconds, or as ISO 8601. Text that is no instant gives null, and so does NaN;
 * numbers beyond the first and the last instant are taken for them.
 */
export const readTimeFormat: ExtractionReader = (json, field) => {
  const spec = readSpec(Schema, json, field);
  if (spec.locale && !/^en\b/.test(spec.locale)) {
    throw new UnsupportedError(
      `${field}.locale: only English names of days and months are supported; got "${spec.locale}"`,
      { field: `${field}.locale` },
    );
  }
  const timeZone = checkTimeZone(spec.timeZone ?? 'UTC', `${field}.timeZone`);
  const granularity = parseGranularity(spec.granularity ?? 'none', `${field}.granularity`);
  const print = printer(spec.format ?? null, spec.asMillis, timeZone);
  return {
    spec: json,
    apply(value) {
      const timeMs = instantOf(value);
      return timeMs === null ? null : print(granularity.bucketStart(timeMs));
    },
  };
};

function printer(
  format: string | null,
  asMillis: boolean,
  timeZone: string,
): (timeMs: number) => string {
  if (format !== null) return jodaFormatter(format, timeZone);
  return asMillis ? String : (timeMs) => formatInstant(timeMs, timeZone);
}

function instantOf(value: Scalar): number | null {
  if (value === null) return null;
  if (typeof value === 'string') return parseInstant(value);
  return Number.isNaN(value) ? null : clampInstant(Number(value));
}
