import { type Long, longAdd } from '../../core/index.js';
import { compareValues } from '../ordering.js';
import { nameOf, type SpecReader } from '../spec.js';
import type { Aggregator } from './aggregator.js';
import { longSumOf } from './simple.js';

/** Counts rows as they are stored; after rollup a `longSum` over an ingested count counts events. */
export const readCount: SpecReader<Aggregator> = (json, field) => {
  const name = nameOf(json, field);
  return {
    name,
    spec: json,
    inputs: [],
    storedType: 'LONG',
    resultType: 'LONG',
    accumulator: () => ({ fold: (state) => (state as number) + 1 }),
    form: { kind: 'count' },
    initial: () => 0,
    combine: (a, b) => longAdd(a as Long, b as Long),
    finalise: (state) => state,
    combining: () => longSumOf(name),
    encode: (state) => state,
    decode: (wire) => wire,
    compare: compareValues('LONG'),
  };
};
