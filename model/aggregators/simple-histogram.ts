import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import { compareValues } from '../ordering.js';
import { type ShownBreaks, shownCounts } from '../sketch-values/histograms.js';
import { nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Value, ValueType } from '../types.js';
import type { Aggregator } from './aggregator.js';
import { numberReader } from './number-input.js';

const TYPE: ValueType = 'COMPLEX<histogram>';

const Schema = z.object({
  name: nameSpec,
  fieldName: nameSpec,
  breaks: z
    .array(z.number({ error: 'want a number' }), { error: 'want a list of numbers' })
    .min(1, 'must not be empty')
    .transform((breaks) => breaks.map(Math.fround))
    .refine((breaks) => breaks.every((at, i) => i === 0 || at > breaks[i - 1]!), {
      error: 'want numbers each greater than the one before, as 32-bit floats',
    }),
});

/** How many numbers are at most each break and more than the one before, and those beyond the last; what they range over. */
interface Counted {
  readonly counts: number[];
  min: number;
  max: number;
}

/**
 * Counts the numbers of a column between fixed breaks, in 32-bit floats: those of (b, c] for two breaks that follow each other.
 * What lies outside of all is not shown but for the least and the greatest number. Nulls do not count.
 */
export const readSimpleHistogram: SpecReader<Aggregator> = (json, field) =>
  simpleHistogram(json, readSpec(Schema, json, field));

/** State: what has been counted, changed in place. */
function simpleHistogram(spec: JsonObject, settings: z.output<typeof Schema>): Aggregator {
  const { name, fieldName, breaks } = settings;
  const initial = (): Counted => ({
    counts: new Array<number>(breaks.length + 1).fill(0),
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
  });
  const shown = (state: Value): Value => shownOf(breaks, (state ?? initial()) as Counted);
  const self: Aggregator = {
    name,
    spec,
    inputs: [fieldName],
    queryOnly: true,
    storedType: TYPE,
    resultType: TYPE,
    accumulator(source) {
      const read = numberReader(source.column(fieldName), 'FLOAT');
      return {
        fold(state) {
          const number = read();
          if (number !== null) add(state as Counted, breaks, Number(number));
          return state;
        },
      };
    },
    initial,
    combine(a, b) {
      if (b === null) return a;
      return merged((a ?? initial()) as Counted, b as Counted);
    },
    shown,
    finalise: shown,
    combining: () => self,
    encode: (state) => state,
    decode: (wire) => wire as Value,
    compare: (a, b) => compareCounts(countOf(a), countOf(b)),
  };
  return self;
}

function add(into: Counted, breaks: readonly number[], number: number): void {
  let at = 0;
  while (at < breaks.length && !(number <= breaks[at]!)) at++;
  into.counts[at]!++;
  if (number < into.min) into.min = number;
  if (number > into.max) into.max = number;
}

function merged(into: Counted, from: Counted): Counted {
  for (const [at, count] of from.counts.entries()) into.counts[at]! += count;
  into.min = Math.min(into.min, from.min);
  into.max = Math.max(into.max, from.max);
  return into;
}

const shownOf = (breaks: readonly number[], { counts, min, max }: Counted): object =>
  shownCounts({ breaks, counts: counts.slice(1, -1) }, [min, max]);

const compareCounts = compareValues('DOUBLE');

/** Those that are shown. */
function countOf(value: Value): number | null {
  if (value === null) return null;
  const { counts } = value as ShownBreaks;
  return counts.reduce<number>((sum, count) => sum + Number(count), 0);
}
