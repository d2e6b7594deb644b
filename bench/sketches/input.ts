import { SeededRandom } from '../../core/index.js';

/** What sketches are made of. */
export interface Input {
  /** As good as all distinct, whole numbers below 2^53. */
  readonly distinct: Float64Array;
  /** Zipf's distribution of a million, exponent 1. */
  readonly skewed: Float64Array;
  /** Log-normal, as latencies are. */
  readonly amounts: Float64Array;
}

export function makeInput(count: number): Input {
  const random = new SeededRandom(1);
  const chance = () => (random.nextUint32() + 0.5) / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(chance())) * Math.cos(2 * Math.PI * chance());
  return {
    distinct: Float64Array.from(
      { length: count },
      () => random.nextUint32() * 2 ** 21 + (random.nextUint32() >>> 11),
    ),
    skewed: Float64Array.from({ length: count }, () => Math.floor(1e6 ** chance())),
    amounts: Float64Array.from({ length: count }, () => Math.exp(3 + normal())),
  };
}

/** By how much an estimate is off, as a part of the truth. */
export const relative = (estimate: number, truth: number): number => Math.abs(estimate / truth - 1);

/** The largest error of a rank, as a part of all numbers, of the hundredths. */
export function rankError(numbers: Float64Array, quantileOf: (fraction: number) => number): number {
  const sorted = numbers.slice().sort();
  let most = 0;
  for (let percent = 1; percent < 100; percent++) {
    const number = quantileOf(percent / 100);
    const below = sorted.findIndex((other) => other >= number);
    most = Math.max(
      most,
      Math.abs((below < 0 ? sorted.length : below) / sorted.length - percent / 100),
    );
  }
  return most;
}

function countsOf(numbers: Float64Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return counts;
}

/** The mean error of the counts of a thousand numbers, as a part of all. */
export function countError(numbers: Float64Array, countOf: (number: number) => number): number {
  const counts = countsOf(numbers);
  const some = numbers.subarray(0, 1000);
  const off = some.reduce(
    (sum, number) => sum + Math.abs(countOf(number) - counts.get(number)!),
    0,
  );
  return off / some.length / numbers.length;
}

/** The largest relative error of the counts of the ten most frequent numbers; 1 where one is missing. */
export function topError(numbers: Float64Array, found: ReadonlyMap<number, number>): number {
  const top = [...countsOf(numbers)].sort((a, b) => b[1] - a[1]).slice(0, 10);
  return Math.max(...top.map(([number, count]) => relative(found.get(number) ?? 0, count)));
}

/** Which part of numbers that were not added is found. */
export function falsePositives(has: (number: number) => boolean): number {
  const strangers = 20_000;
  let found = 0;
  for (let i = 1; i <= strangers; i++) if (has(-i)) found++;
  return found / strangers;
}
