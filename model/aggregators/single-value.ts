import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import { castReader, outputTypeOf } from '../expressions/output-type.js';
import { compareValues } from '../ordering.js';
import { nameSpec, readSpec, type SpecReader } from '../spec.js';
import { isComplexType, type Value, type ValueType } from '../types.js';
import type { Aggregator } from './aggregator.js';

const Schema = z.object({ name: nameSpec, fieldName: nameSpec, columnType: nameSpec });

/** The value of the only row, be it null; null of no row. Throws UserError when there are several. */
export const readSingleValue: SpecReader<Aggregator> = (json, field) => {
  const { name, fieldName, columnType } = readSpec(Schema, json, field);
  const type = outputTypeOf(columnType, `${field}.columnType`);
  if (isComplexType(type)) {
    const path = `${field}.columnType`;
    const message = `${path}: want a type of texts, numbers or arrays; got ${columnType}`;
    throw new UserError(message, 'query', path);
  }
  return singleValue(json, name, fieldName, type);
};

/** State: null before the first row, then a record of its value. */
function singleValue(
  spec: JsonObject,
  name: string,
  fieldName: string,
  type: ValueType,
): Aggregator {
  const value = (state: Value): Value => (state as { readonly value: Value } | null)?.value ?? null;
  const self: Aggregator = {
    name,
    spec,
    inputs: [fieldName],
    queryOnly: true,
    storedType: type,
    resultType: type,
    accumulator(source) {
      const reader = castReader(source.column(fieldName), type);
      return {
        fold(state) {
          if (state !== null) throw severalRows(name);
          return { value: reader.get() };
        },
      };
    },
    initial: () => null,
    combine(a, b) {
      if (a !== null && b !== null) throw severalRows(name);
      return a ?? b;
    },
    shown: value,
    finalise: value,
    combining: () => self,
    encode: (state) => state,
    decode: (wire) => wire as Value,
    compare: compareValues(type),
  };
  return self;
}

const severalRows = (name: string): UserError =>
  new UserError(
    `aggregator "${name}": want a single row, got more; aggregate or filter what it reads, or use the "Any" aggregator of the type`,
    'query',
    name,
  );
