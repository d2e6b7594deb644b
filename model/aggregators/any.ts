import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import { compareValues } from '../ordering.js';
import type { ColumnReader } from '../rows.js';
import { flagSpec, integerSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Scalar, ScalarType } from '../types.js';
import type { Aggregator } from './aggregator.js';
import { valueReader } from './value-input.js';

const Schema = z.object({
  name: nameSpec,
  fieldName: nameSpec,
  maxStringBytes: integerSpec(1024).refine((bytes) => bytes >= 0, { error: 'want 0 or more' }),
  aggregateMultipleValues: flagSpec(true),
});

/** Some value of the column: the first that is not null in the order rows are read and merged. */
export const readAny =
  (type: ScalarType): SpecReader<Aggregator> =>
  (json, field) =>
    anyValue(type, json, readSpec(Schema, json, field));

function anyValue(
  type: ScalarType,
  spec: JsonObject,
  settings: z.output<typeof Schema>,
): Aggregator {
  const { name, fieldName, maxStringBytes, aggregateMultipleValues } = settings;
  return {
    name,
    spec,
    inputs: [fieldName],
    storedType: type,
    resultType: type,
    form: { kind: 'row', which: 'first', column: fieldName, skipsNulls: true },
    accumulator(source) {
      const column = source.column(fieldName);
      const read = valueReader(
        aggregateMultipleValues ? column : firstElement(column),
        type,
        maxStringBytes,
      );
      return { fold: (state) => state ?? read() };
    },
    initial: () => null,
    combine: (a, b) => a ?? b,
    finalise: (state) => state,
    combining: () => anyValue(type, { ...spec, fieldName: name }, { ...settings, fieldName: name }),
    encode: (state) => state,
    decode: (wire) => wire,
    compare: compareValues(type),
  };
}

/** A list counts as its first element. */
function firstElement(reader: ColumnReader): ColumnReader {
  const { type, multiValue, exists } = reader;
  const get = () => {
    const cell = reader.get();
    return Array.isArray(cell) ? ((cell as readonly Scalar[])[0] ?? null) : cell;
  };
  return multiValue ? { type, multiValue: false, exists, get } : reader;
}
