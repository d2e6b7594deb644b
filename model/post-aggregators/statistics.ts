import { z } from 'zod';
import { UserError } from '../../core/index.js';
import { toDouble } from '../aggregators/number-input.js';
import { estimatorSpec } from '../aggregators/variance.js';
import { finalisedOperand } from '../result-row-source.js';
import { asVariance } from '../sketch-values/operands.js';
import { distinct, optionalText, readSpec, type SpecReader } from '../spec.js';
import { orderingOf } from './number-order.js';
import type { PostAggregator } from './post-aggregator.js';
import { ofFieldName, type SpecPlace } from './sketch-operand.js';

/** Statistics of variances and counts. */

const DeviationSchema = z.object({ estimator: estimatorSpec });

/** The standard deviation: the root of a variance, by an estimator of its own. */
export const readStandardDeviation: SpecReader<PostAggregator> = (json, field) => {
  const { estimator } = readSpec(DeviationSchema, json, field);
  return ofFieldName(json, field, asVariance, 'DOUBLE', (variance) => {
    const value = variance.value(estimator);
    return value === null ? null : Math.sqrt(value);
  });
};

const COUNTS = ['successCount1', 'sample1Size', 'successCount2', 'sample2Size'] as const;

/**
 * The z-score of the difference of two proportions, not pooled. Throws a UserError, when it is computed, for more successes
 * than there are samples.
 */
export const readZScore: SpecReader<PostAggregator> = (json, field, parse) =>
  ofNumbers({ json, field, parse }, COUNTS, (counts) => {
    const [successes1, size1, successes2, size2] = counts as [number, number, number, number];
    checkSample(successes1, size1, `${field}.successCount1`);
    checkSample(successes2, size2, `${field}.successCount2`);
    const rate1 = successes1 / size1;
    const rate2 = successes2 / size2;
    const variance = (rate1 * (1 - rate1)) / size1 + (rate2 * (1 - rate2)) / size2;
    return (rate1 - rate2) / Math.sqrt(variance);
  });

function checkSample(successes: number, size: number, field: string): void {
  if (successes >= 0 && successes <= size) return;
  const wanted = `want a count of successes from 0 to the size of the sample, ${size}`;
  throw new UserError(`${field}: ${wanted}; got ${successes}`, 'query', field);
}

/** How likely a z-score is at least as far from zero, either way. */
export const readPValue: SpecReader<PostAggregator> = (json, field, parse) =>
  ofNumbers({ json, field, parse }, ['zScore'], ([score]) => 2 * normalTail(Math.abs(score!)));

/** A post-aggregator of numbers, each under a key of its own; null when one of them is none. */
function ofNumbers(
  { json, field, parse }: SpecPlace,
  keys: readonly string[],
  evaluate: (numbers: readonly number[]) => number,
): PostAggregator {
  const operands = keys.map((key) => parse(json[key], `${field}.${key}`));
  return {
    name: readSpec(z.object({ name: optionalText }), json, field).name ?? '',
    spec: json,
    inputs: distinct(operands.flatMap(({ inputs }) => inputs)),
    resultType: () => 'DOUBLE',
    compile(types) {
      const compiled = operands.map((operand) => finalisedOperand(operand.compile(types)));
      return (row) => {
        const numbers = compiled.map((operand) => toDouble(operand(row)));
        return numbers.includes(null) ? null : evaluate(numbers as number[]);
      };
    },
    compare: orderingOf(null),
  };
}

/**
 * How likely a standard normal number is larger than x ≥ 0: erfc(x / √2) / 2, by the power series of erf below 3 and by
 * the continued fraction of erfc (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.5 and 7.1.14) above.
 * Relative error below 1e-12.
 */
function normalTail(x: number): number {
  if (Number.isNaN(x)) return x;
  const t = x / Math.SQRT2;
  if (x < 3) return (1 - erfSeries(t)) / 2;
  return Math.exp(-t * t) / Math.sqrt(Math.PI) / erfcFraction(t) / 2;
}

function erfSeries(t: number): number {
  let term = t;
  let sum = t;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * t * t) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-t * t) * sum;
}

/** t + (1/2)/(t + 1/(t + (3/2)/(t + …))), from deep inside out. */
function erfcFraction(t: number): number {
  let fraction = t;
  for (let n = DEPTH; n > 0; n--) fraction = t + n / 2 / fraction;
  return fraction;
}

/** Enough for 1e-13 from t = 2.1 on. */
const DEPTH = 120;
