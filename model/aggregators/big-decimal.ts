import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import { compareDecimals, decimalText, parseDecimal, type Unscaled, unscaled } from '../decimal.js';
import { memoised } from '../rows.js';
import { flagSpec, integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Scalar, Value } from '../types.js';
import type { Aggregator, State } from './aggregator.js';

const within = (min: number, max: number, whenAbsent: number) =>
  integerSpec(whenAbsent).refine((value) => value >= min && value <= max, {
    error: `want ${min} to ${max}`,
  });

const Schema = z.object({
  name: nameSpec,
  fieldName: nameSpec,
  size: within(1, 1024, 6),
  scale: within(0, 1024, 9),
  strictNumberParsing: flagSpec(false),
});

type Settings = z.output<typeof Schema>;

const RULES = {
  Sum: (a: Unscaled, b: Unscaled): Unscaled => a + b,
  Min: (a: Unscaled, b: Unscaled): Unscaled => (b < a ? b : a),
  Max: (a: Unscaled, b: Unscaled): Unscaled => (b > a ? b : a),
};

/**
 * The exact sum, minimum or maximum of decimal numbers of `scale` digits behind the point, as text; digits beyond these are
 * rounded away from zero. Texts that spell no number are zero, or errors where `strictNumberParsing` is set; nulls do not
 * count, and of a list only its first element does. No number may take more than `size` times 32 bits; sums may.
 */
export const readBigDecimal =
  (rule: keyof typeof RULES): SpecReader<Aggregator> =>
  (json, field) =>
    bigDecimal(json, readSpec(Schema, json, field), RULES[rule]);

/** State: null before the first number, then the number so far in units of its last digit. */
function bigDecimal(
  spec: JsonObject,
  settings: Settings,
  merge: (a: Unscaled, b: Unscaled) => Unscaled,
): Aggregator {
  const { name, fieldName, scale } = settings;
  const combine = (a: State, b: State): State =>
    a === null || b === null ? (a ?? b) : merge(a as Unscaled, b as Unscaled);
  const shown = (state: State): Value =>
    state === null ? null : decimalText(state as Unscaled, scale);
  const self: Aggregator = {
    name,
    spec,
    inputs: [fieldName],
    queryOnly: true,
    storedType: 'STRING',
    resultType: 'STRING',
    accumulator(source) {
      const reader = source.column(fieldName);
      const read = memoised(reader, (cell) => numberOf(first(cell), settings));
      return { fold: (state) => combine(state, read()) };
    },
    initial: () => null,
    combine,
    shown,
    finalise: shown,
    combining: () => self,
    encode: (state) => state,
    decode: (wire) => wire as State,
    compare: compareTexts,
  };
  return self;
}

const first = (cell: Value): Value =>
  Array.isArray(cell) ? ((cell as readonly Scalar[])[0] ?? null) : cell;

function numberOf(value: Value, settings: Settings): Unscaled | null {
  if (value === null || typeof value === 'object') return null;
  const { name, fieldName, scale, size, strictNumberParsing } = settings;
  const text = String(value);
  const decimal = parseDecimal(text);
  if (decimal === null) {
    if (!strictNumberParsing) return 0n;
    const message = `aggregator "${name}": column "${fieldName}" has ${JSON.stringify(text.slice(0, 60))}, which is no number; leave out strictNumberParsing to count it as 0`;
    throw new UserError(message, 'query', fieldName);
  }
  const number = unscaled(decimal, scale, 32 * size - 1);
  if (number !== null) return number;
  const message = `aggregator "${name}": column "${fieldName}" has ${JSON.stringify(text.slice(0, 60))}, which does not fit into size ${size}; make that larger, or scale (${scale}) smaller`;
  throw new UserError(message, 'query', fieldName);
}

function compareTexts(a: Value, b: Value): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return compareDecimals(parseDecimal(a as string)!, parseDecimal(b as string)!);
}
