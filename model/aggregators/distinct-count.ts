import { z } from 'zod';
import { type JsonObject, ResourceLimitError } from '../../core/index.js';
import { compareValues } from '../ordering.js';
import { memoised } from '../rows.js';
import { nameSpec, readSpec, type SpecReader } from '../spec.js';
import { scalarText } from '../text.js';
import { elementType, isArrayType, isComplexType, type Value } from '../types.js';
import type { Aggregator, State } from './aggregator.js';
import { eachElement } from './sketch-aggregator.js';

const Schema = z.object({ name: nameSpec, fieldName: nameSpec });

/** No group may have more values: they are all held in memory. */
const MOST_VALUES = 1_000_000;

/**
 * How many distinct values a column has, exactly, however rows lie in segments: by their texts, of lists each element. Nulls do
 * not count. Throws ResourceLimitError beyond a million.
 */
export const readDistinctCount: SpecReader<Aggregator> = (json, field) => {
  const { name, fieldName } = readSpec(Schema, json, field);
  return distinctCount(json, name, fieldName);
};

/** State: the set of texts, changed in place. */
function distinctCount(spec: JsonObject, name: string, fieldName: string): Aggregator {
  const addAll = (into: State, texts: Iterable<string>): State => {
    const set = into as Set<string>;
    for (const text of texts) set.add(text);
    if (set.size > MOST_VALUES) throw tooMany(name, set.size);
    return set;
  };
  const count = (state: State): number => (state === null ? 0 : (state as Set<string>).size);
  const self: Aggregator = {
    name,
    spec,
    inputs: [fieldName],
    queryOnly: true,
    storedType: 'LONG',
    resultType: 'LONG',
    accumulator(source) {
      const reader = source.column(fieldName);
      if (isComplexType(reader.type)) return { fold: (state) => state };
      const type = isArrayType(reader.type) ? elementType(reader.type) : reader.type;
      const read = memoised(reader, (cell: Value) => {
        const texts: string[] = [];
        eachElement(cell, (element) => texts.push(scalarText(element, type)!));
        return texts;
      });
      return { fold: (state) => addAll(state, read()) };
    },
    initial: () => new Set<string>(),
    combine: (a, b) => (b === null ? a : addAll(a ?? new Set<string>(), b as Set<string>)),
    shown: count,
    finalise: count,
    combining: () => self,
    encode: (state) => (state === null ? null : [...(state as Set<string>)]),
    decode: (wire) => new Set(wire as readonly string[] | null),
    compare: compareValues('LONG'),
  };
  return self;
}

const tooMany = (name: string, count: number): ResourceLimitError =>
  new ResourceLimitError(
    `aggregator "${name}": more than ${MOST_VALUES} distinct values in one group; filter the rows, or use "thetaSketch", "HLLSketchBuild" or "cardinality", which estimate`,
    MOST_VALUES,
    count,
  );
