import { z } from 'zod';
import { doubleToLong, type JsonObject, UserError } from '../../core/index.js';
import { HyperLogLog, type HyperLogLogUnion } from '../../sketches/index.js';
import type { Dimension } from '../dimensions/dimension.js';
import { parseDimension } from '../dimensions/registry.js';
import { compareValues } from '../ordering.js';
import { type ColumnReader, memoised, type RowSource } from '../rows.js';
import { distinct, flagSpec, nameSpec, parseEach, readSpec, type SpecReader } from '../spec.js';
import { type ComplexType, isComplexType } from '../types.js';
import type { Accumulator, Aggregator, AggregatorForm, State } from './aggregator.js';
import { type EntryReader, elementEntries, joined, tupleEntries } from './distinct-entries.js';

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
  return sketching(name, json, [fieldName], round, {
    accumulator: (source) => sketchAccumulator(source.column(fieldName), isInputHyperUnique),
    ...(isInputHyperUnique ? { rawFields: 'sketches' } : { form: formOf(fieldName) }),
  });
};

const formOf = (fieldName: string): AggregatorForm => ({
  kind: 'sketch',
  entries: (source) => elementEntries(source.column(fieldName)),
  plain: { column: fieldName, type: null },
});

/**
 * About how many distinct values several columns have together, nulls left out; or, by row, how
 * many distinct tuples, in which null is a value. As in Druid a column that is only named counts by its own
 * type, whatever the default output type of a dimension is.
 */
export const readCardinality: SpecReader<Aggregator> = (json, field) => {
  const { name, byRow, round } = readSpec(CardinalitySchema, json, field);
  const key = json.fields === undefined || json.fields === null ? 'fieldNames' : 'fields';
  const dimensions = parseEach(json[key], `${field}.${key}`, parseDimension);
  if (dimensions.length === 0) {
    const path = `${field}.fields`;
    throw new UserError(`${path}: want at least one column; got none`, 'query', path);
  }
  const inputs = distinct(dimensions.flatMap((dimension) => dimension.inputs));
  const entries = (source: RowSource): EntryReader => {
    const readers = dimensions.map((dimension) =>
      isUntyped(dimension) ? source.column(dimension.inputs[0]!) : dimension.reader(source),
    );
    return byRow ? tupleEntries(readers) : joined(readers.map(elementEntries));
  };
  const [only] = dimensions;
  const isOne = dimensions.length === 1 && only!.spec.type === 'default' && !byRow;
  const plain = isOne
    ? { column: inputs[0]!, type: isUntyped(only!) ? null : only!.outputType }
    : null;
  return sketching(name, json, inputs, round, {
    accumulator: (source) => addingAccumulator(entries(source)),
    form: { kind: 'sketch', entries, plain },
  });
};

const isUntyped = ({ spec }: Dimension): boolean =>
  spec.type === 'default' && (spec.outputType ?? null) === null;

function sketchAccumulator(reader: ColumnReader, isBase64: boolean): Accumulator {
  if (reader.type === TYPE) return mergingAccumulator(() => reader.get());
  if (isComplexType(reader.type)) return { fold: (state) => state };
  if (isBase64) {
    return mergingAccumulator(
      memoised(reader, (cell) =>
        typeof cell === 'string' ? HyperLogLog.ofDefault(Buffer.from(cell, 'base64')) : null,
      ),
    );
  }
  return addingAccumulator(elementEntries(reader));
}

const addingAccumulator = (entries: EntryReader): Accumulator => ({
  fold(state) {
    for (const entry of entries()) (state as HyperLogLog).addEntry(entry);
    return state;
  },
});

const mergingAccumulator = (read: () => State): Accumulator => ({
  fold: (state) => combine(state, read()),
});

/** State: a sketch; the one folded or merged into is changed in place. */
function sketching(
  name: string,
  spec: JsonObject,
  inputs: readonly string[],
  round: boolean,
  folding: Pick<Aggregator, 'accumulator' | 'form' | 'rawFields'>,
): Aggregator {
  const resultType = round ? 'LONG' : 'DOUBLE';
  return {
    name,
    spec,
    inputs,
    storedType: TYPE,
    resultType,
    rawFields: 'texts',
    ...folding,
    initial: () => new HyperLogLog(),
    combine,
    finalise(state) {
      const estimate = state === null ? 0 : (state as HyperLogLog | HyperLogLogUnion).estimate();
      return round ? doubleToLong(Math.round(estimate)) : estimate;
    },
    combining: () => combining(name, round),
    encode: (state) => (state === null ? null : (state as HyperLogLog).toBytes()),
    decode: (wire) =>
      wire === null ? new HyperLogLog() : HyperLogLog.over(wire as Uint8Array<ArrayBuffer>),
    compare: compareValues(resultType),
  };
}

const combining = (name: string, round: boolean): Aggregator =>
  sketching(name, { type: 'hyperUnique', name, fieldName: name, round }, [name], round, {
    accumulator: (source) => sketchAccumulator(source.column(name), false),
    form: formOf(name),
  });

/** A null (a stored cell without a sketch) is an empty sketch. */
function combine(a: State, b: State): State {
  if (b === null) return a;
  if (a === null) return (b as HyperLogLog).copy();
  (a as HyperLogLog).merge(b as HyperLogLog);
  return a;
}
