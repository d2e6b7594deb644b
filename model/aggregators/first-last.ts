import { z } from 'zod';
import type { JsonObject, Long } from '../../core/index.js';
import { compareValues } from '../ordering.js';
import { integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { ComplexType, ScalarType } from '../types.js';
import type { Accumulator, Aggregator, AggregatorForm, State } from './aggregator.js';
import { numberReader } from './number-input.js';
import type { TimedValue } from './timed-value.js';
import { valueReader } from './value-input.js';

const Schema = z.object({
  name: nameSpec,
  fieldName: nameSpec,
  timeColumn: z.string().nullish(),
  maxStringBytes: integerSpec(1024).refine((bytes) => bytes >= 0, { error: 'want 0 or more' }),
});

type Which = 'First' | 'Last';

const PAIR_TYPES: Record<ScalarType, ComplexType> = {
  STRING: 'COMPLEX<serializablePairLongString>',
  LONG: 'COMPLEX<serializablePairLongLong>',
  DOUBLE: 'COMPLEX<serializablePairLongDouble>',
  FLOAT: 'COMPLEX<serializablePairLongFloat>',
};

/**
 * The value of the row with the smallest or largest time, also when that value is null. Of equal
 * times the row read first counts for First, the one read last for Last. A column of stored pairs
 * is merged, whatever `timeColumn` says.
 */
export const readFirstLast =
  (type: ScalarType, which: Which): SpecReader<Aggregator> =>
  (json, field) => {
    const settings = readSpec(Schema, json, field);
    return firstLast(type, which, json, settings, false);
  };

/** The same over a column of stored pairs only; anything else in the column does not count. */
export const readFirstLastFold =
  (type: ScalarType, which: Which): SpecReader<Aggregator> =>
  (json, field) => {
    const settings = readSpec(Schema, json, field);
    return firstLast(type, which, json, settings, true);
  };

const formOf = (which: Which, column: string): AggregatorForm => ({
  kind: 'row',
  which: which === 'First' ? 'first' : 'last',
  column,
  skipsNulls: false,
});

function firstLast(
  type: ScalarType,
  which: Which,
  spec: JsonObject,
  settings: z.output<typeof Schema>,
  pairsOnly: boolean,
): Aggregator {
  const { name, fieldName, maxStringBytes } = settings;
  const timeColumn = settings.timeColumn ?? '__time';
  const later = which === 'Last';
  const wins = later
    ? (time: Long, than: Long) => time >= than
    : (time: Long, than: Long) => time < than;
  const combine = (a: State, b: State): State => {
    if (a === null || b === null) return a ?? b;
    return wins((b as TimedValue).lhs, (a as TimedValue).lhs) ? b : a;
  };
  return {
    name,
    spec,
    inputs: pairsOnly ? [fieldName] : [...new Set([fieldName, timeColumn])],
    storedType: PAIR_TYPES[type],
    resultType: type,
    ...(pairsOnly || timeColumn !== '__time' ? {} : { form: formOf(which, fieldName) }),
    accumulator(source): Accumulator {
      const reader = source.column(fieldName);
      if (reader.type === PAIR_TYPES[type]) {
        return { fold: (state) => combine(state, reader.get()) };
      }
      if (pairsOnly) return { fold: (state) => state };
      const value = valueReader(reader, type, maxStringBytes);
      const time = numberReader(source.column(timeColumn), 'LONG');
      return {
        fold(state) {
          const lhs = time();
          if (lhs === null || (state !== null && !wins(lhs, (state as TimedValue).lhs))) {
            return state;
          }
          return { lhs, rhs: value() };
        },
      };
    },
    initial: () => null,
    combine,
    finalise: (state) => (state === null ? null : (state as TimedValue).rhs),
    combining() {
      const folded = { name, fieldName: name, timeColumn: null, maxStringBytes };
      const foldType = `${type.toLowerCase()}${which}Fold`;
      const foldSpec = { type: foldType, name, fieldName: name, maxStringBytes };
      return firstLast(type, which, foldSpec, folded, true);
    },
    encode: (state) => state,
    decode: (wire) => wire,
    compare: compareValues(type),
  };
}
