import { z } from 'zod';
import { doubleToLong, type JsonObject } from '../../core/index.js';
import { HyperLogLog } from '../../sketches/index.js';
import { parseDimension } from '../dimensions/registry.js';
import { compareValues } from '../ordering.js';
import { type ColumnReader, memoised, type RowSource } from '../rows.js';
import { distinct, flagSpec, nameSpec, parseEach, readSpec, type SpecReader } from '../spec.js';
import { type ComplexType, isComplexType } from '../types.js';
import type { Accumulator, Aggregator, State } from './aggregator.js';
import { elementAdder, tupleAdder } from './distinct-hash.js';

const TYPE: ComplexType = 'COMPLEX<hyperUnique>';

const HyperUniqueSchema = z.object({
  name: nameSpec,
  fieldName: nameSpec,
  isInputHyperUnique: flagSpec(false),
  round: flagSpec(false),
});

const CardinalitySchema = z.object({
  name: nameSpec,
  byRow: flagSpec(false),
  round: flagSpec(false),
});

/**
 * About how many distinct values a column has. Reads plain values, a stored column of sketches, or,
 * with `isInputHyperUnique`, sketches as base64 text. Nulls do not count.
 */
export const readHyperUnique: SpecReader<Aggregator> = (json, field) => {
  const { name, fieldName, isInputHyperUnique, round } = readSpec(HyperUniqueSchema, json, field);
  return sketching(name, json, [fieldName], round, (source) =>
    sketchAccumulator(source.column(fieldName), isInputHyperUnique),
  );
};

/**
 * About how many distinct values several columns have together, nulls left out; or, by row, how
 * many distinct tuples, in which null is a value.
 */
export const readCardinality: SpecReader<Aggregator> = (json, field) => {
  const { name, byRow, round } = readSpec(CardinalitySchema, json, field);
  const key = json.fields === undefined || json.fields === null ? 'fieldNames' : 'fields';
  const dimensions = parseEach(json[key], `${field}.${key}`, parseDimension);
  const inputs = distinct(dimensions.flatMap((dimension) => dimension.inputs));
  const accumulator = (source: RowSource): Accumulator => {
    const readers = dimensions.map((dimension) => dimension.reader(source));
    const adders = byRow ? [tupleAdder(readers)] : readers.map(elementAdder);
    return {
      fold(state) {
        for (const add of adders) add(state as HyperLogLog);
        return state;
      },
    };
  };
  // A dimension may make a value of null.
  const isPlain = dimensions.every(({ spec }) => (spec.type ?? 'default') === 'default');
  return sketching(name, json, inputs, round, accumulator, !byRow && isPlain);
};

function sketchAccumulator(reader: ColumnReader, isBase64: boolean): Accumulator {
  if (reader.type === TYPE) return mergingAccumulator(() => reader.get());
  if (isComplexType(reader.type)) return { fold: (state) => state };
  if (isBase64) {
    return mergingAccumulator(
      memoised(reader, (cell) =>
        typeof cell === 'string' ? HyperLogLog.fromBytes(Buffer.from(cell, 'base64')) : null,
      ),
    );
  }
  const add = elementAdder(reader);
  return {
    fold(state) {
      add(state as HyperLogLog);
      return state;
    },
  };
}

const mergingAccumulator = (read: () => State): Accumulator => ({
  fold: (state) => combine(state, read()),
});

/** State: a sketch; the one folded or merged into is changed in place. */
function sketching(
  name: string,
  spec: JsonObject,
  inputs: readonly string[],
  round: boolean,
  accumulator: (source: RowSource) => Accumulator,
  ignoresNulls = true,
): Aggregator {
  const resultType = round ? 'LONG' : 'DOUBLE';
  return {
    name,
    spec,
    inputs,
    storedType: TYPE,
    resultType,
    accumulator,
    form: { kind: 'set', ignoresNulls },
    initial: () => new HyperLogLog(),
    combine,
    finalise(state) {
      const estimate = state === null ? 0 : (state as HyperLogLog).estimate();
      return round ? doubleToLong(Math.round(estimate)) : estimate;
    },
    combining: () => combining(name, round),
    encode: (state) => (state === null ? null : (state as HyperLogLog).toBytes()),
    decode: (wire) =>
      wire === null ? new HyperLogLog() : HyperLogLog.fromBytes(wire as Uint8Array),
    compare: compareValues(resultType),
  };
}

const combining = (name: string, round: boolean): Aggregator =>
  sketching(name, { type: 'hyperUnique', name, fieldName: name, round }, [name], round, (source) =>
    sketchAccumulator(source.column(name), false),
  );

/** A null (a stored cell without a sketch) is an empty sketch. */
function combine(a: State, b: State): State {
  if (b === null) return a;
  if (a === null) return (b as HyperLogLog).copy();
  (a as HyperLogLog).merge(b as HyperLogLog);
  return a;
}
