import type { Rex } from '../algebra/rex.js';
import { isComplex, nativeType, type SqlType } from '../algebra/types.js';
import { aggregate } from './aggregates.js';
import type { AggregateBuilder, AggregateFunction } from './definition.js';
import { checkKind, setting } from './sketch-settings.js';

const SAMPLE = 'COMPLEX<reservoirSample>';

/** As what values are sampled: those of a stored sample as texts. */
function sampledType({ type }: Rex): 'STRING' | 'LONG' | 'DOUBLE' {
  const native = isComplex(type) ? 'STRING' : nativeType(type);
  if (native === 'LONG') return 'LONG';
  return native === 'DOUBLE' || native === 'FLOAT' ? 'DOUBLE' : 'STRING';
}

const ARRAYS = { STRING: 'VARCHAR ARRAY', LONG: 'BIGINT ARRAY', DOUBLE: 'DOUBLE ARRAY' } as const;

const resultType = ([rex]: readonly Rex[]): SqlType => ARRAYS[sampledType(rex!)];

function sample(rex: Rex, size: Rex | undefined, seed: Rex | undefined, builder: AggregateBuilder) {
  checkKind(rex, SAMPLE);
  return {
    type: 'reservoirSample',
    name: builder.name,
    fieldName: builder.column(rex),
    maxNumSamples: setting(size),
    seed: setting(seed),
    valueType: sampledType(rex),
  };
}

export const SAMPLE_AGGREGATES: readonly AggregateFunction[] = [
  aggregate(
    'RESERVOIR_SAMPLE',
    'any integer! integer?!',
    resultType,
    ([rex, size, seed], _, builder) => ({ aggregators: [sample(rex!, size, seed, builder)] }),
    'A random sample of at most so many values, ascending; last a seed.',
  ),
  aggregate(
    'WEIGHTED_SAMPLE',
    'any number integer! integer?!',
    resultType,
    ([rex, weight, size, seed], _, builder) => {
      const weightFieldName = builder.column(weight!);
      const uniform = sample(rex!, size, seed, builder);
      return { aggregators: [{ ...uniform, type: 'weightedSample', weightFieldName }] };
    },
    'The same, values chosen by a weight.',
  ),
];
