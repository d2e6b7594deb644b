import { z } from 'zod';
import { compareValues } from '../ordering.js';
import { memoised } from '../rows.js';
import { nameOf, nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Aggregator, State } from './aggregator.js';
import { DOUBLE_MEAN, type Mean } from './mean-state.js';
import { toDouble } from './number-input.js';

const Schema = z.object({ fieldName: nameSpec });

/** The mean of the numbers that are not null; null when there are none. */
export const readDoubleMean: SpecReader<Aggregator> = (json, field) => {
  const name = nameOf(json, field);
  return doubleMean(name, json, readSpec(Schema, json, field).fieldName);
};

/** State: null before the first number, then sum and count. Reads numbers or stored means. */
function doubleMean(name: string, spec: Aggregator['spec'], fieldName: string): Aggregator {
  return {
    name,
    spec,
    inputs: [fieldName],
    storedType: `COMPLEX<${DOUBLE_MEAN}>`,
    resultType: 'DOUBLE',
    accumulator(source) {
      const reader = source.column(fieldName);
      if (reader.type === `COMPLEX<${DOUBLE_MEAN}>`) {
        return { fold: (state) => combine(state, reader.get()) };
      }
      const read = memoised(reader, toDouble);
      return {
        fold(state) {
          const value = read();
          return value === null ? state : combine(state, { sum: value, count: 1 });
        },
      };
    },
    initial: () => null,
    combine,
    finalise: (state) => (state === null ? null : (state as Mean).sum / (state as Mean).count),
    combining: () => doubleMean(name, { type: 'doubleMean', name, fieldName: name }, name),
    encode: (state) => state,
    decode: (wire) => wire,
    compare: compareValues('DOUBLE'),
  };
}

function combine(a: State, b: State): State {
  if (a === null || b === null) return a ?? b;
  const left = a as Mean;
  const right = b as Mean;
  return { sum: left.sum + right.sum, count: left.count + right.count };
}
