import { type JsonObject, type Long, longAdd } from '../../core/index.js';
import { compareValues } from '../ordering.js';
import { nameOf, type SpecReader } from '../spec.js';
import type { Aggregator, State } from './aggregator.js';
import {
  columnInput,
  type Input,
  type NumericType,
  numberReader,
  readInput,
} from './number-input.js';

/** How two numbers of one type become one; null states are no input and never reach it. */
interface Rule {
  readonly type: string;
  readonly kind: 'sum' | 'min' | 'max';
  readonly valueType: NumericType;
  merge(a: Long, b: Long): Long;
}

const addDoubles = (a: Long, b: Long): Long => (a as number) + (b as number);
const addFloats = (a: Long, b: Long): Long => Math.fround((a as number) + (b as number));
const smallerLong = (a: Long, b: Long): Long => (b < a ? b : a);
const largerLong = (a: Long, b: Long): Long => (b > a ? b : a);
/** NaN wins, as in Java. */
const smaller = (a: Long, b: Long): Long => Math.min(a as number, b as number);
const larger = (a: Long, b: Long): Long => Math.max(a as number, b as number);

const LONG_SUM: Rule = { type: 'longSum', kind: 'sum', valueType: 'LONG', merge: longAdd };

/** The sum; LONG wraps at 64 bits, FLOAT rounds to 32 bits at every step. */
export const readLongSum = reading(LONG_SUM);
export const readDoubleSum = reading({
  type: 'doubleSum',
  kind: 'sum',
  valueType: 'DOUBLE',
  merge: addDoubles,
});
export const readFloatSum = reading({
  type: 'floatSum',
  kind: 'sum',
  valueType: 'FLOAT',
  merge: addFloats,
});
export const readLongMin = reading({
  type: 'longMin',
  kind: 'min',
  valueType: 'LONG',
  merge: smallerLong,
});
export const readLongMax = reading({
  type: 'longMax',
  kind: 'max',
  valueType: 'LONG',
  merge: largerLong,
});
export const readDoubleMin = reading({
  type: 'doubleMin',
  kind: 'min',
  valueType: 'DOUBLE',
  merge: smaller,
});
export const readDoubleMax = reading({
  type: 'doubleMax',
  kind: 'max',
  valueType: 'DOUBLE',
  merge: larger,
});
export const readFloatMin = reading({
  type: 'floatMin',
  kind: 'min',
  valueType: 'FLOAT',
  merge: smaller,
});
export const readFloatMax = reading({
  type: 'floatMax',
  kind: 'max',
  valueType: 'FLOAT',
  merge: larger,
});

function reading(rule: Rule): SpecReader<Aggregator> {
  return (json, field) => simple(rule, nameOf(json, field), json, readInput(json, field));
}

/** The aggregator that adds up a stored column of counts. */
export const longSumOf = (name: string): Aggregator => combiningSimple(LONG_SUM, name);

const combiningSimple = (rule: Rule, name: string): Aggregator =>
  simple(rule, name, { type: rule.type, name, fieldName: name }, columnInput(name));

/** State: null before the first number, then the number so far. */
function simple(rule: Rule, name: string, spec: JsonObject, input: Input): Aggregator {
  const { valueType, merge } = rule;
  const combine = (a: State, b: State): State => {
    if (b === null) return a;
    return a === null ? b : merge(a as Long, b as Long);
  };
  return {
    name,
    spec,
    inputs: input.inputs,
    storedType: valueType,
    resultType: valueType,
    accumulator(source) {
      const read = numberReader(input.open(source), valueType);
      return { fold: (state) => combine(state, read()) };
    },
    form: { kind: rule.kind, type: valueType, input },
    initial: () => null,
    combine,
    finalise: (state) => state,
    combining: () => combiningSimple(rule, name),
    encode: (state) => state,
    decode: (wire) => wire,
    compare: compareValues(valueType),
  };
}
