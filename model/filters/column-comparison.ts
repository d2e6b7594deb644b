import { z } from 'zod';
import { parseDimension } from '../dimensions/registry.js';
import { memoised } from '../rows.js';
import { distinct, parseEach, readSpec, type SpecReader } from '../spec.js';
import { scalarText } from '../text.js';
import { isArrayType, type Scalar, type Value, type ValueType } from '../types.js';
import { FALSE, type Filter, TRUE } from './filter.js';

const Schema = z.object({
  dimensions: z.array(z.unknown(), { error: 'want a list' }).min(2, 'want at least two columns'),
});

/**
 * Rows in which every two of the columns share a value, compared as text. Null equals null here,
 * so it is never unknown.
 */
export const readColumnComparison: SpecReader<Filter> = (json, field) => {
  readSpec(Schema, json, field);
  const dimensions = parseEach(json.dimensions, `${field}.dimensions`, parseDimension);
  return {
    spec: json,
    inputs: distinct(dimensions.flatMap(({ inputs }) => inputs)),
    predicate(source) {
      const readers = dimensions.map((dimension) => {
        const reader = dimension.reader(source);
        return memoised(reader, (cell) => texts(cell, reader.type));
      });
      return () => {
        const cells = readers.map((read) => read());
        const overlap = cells.every((cell, i) =>
          cells.slice(0, i).every((other) => cell.some((text) => other.includes(text))),
        );
        return overlap ? TRUE : FALSE;
      };
    },
  };
};

function texts(cell: Value, type: ValueType): readonly (string | null)[] {
  const list = Array.isArray(cell) ? (cell as readonly Scalar[]) : [cell as Scalar];
  const scalarTexts = list.map((value) => scalarText(value, type));
  if (scalarTexts.length === 0) return [null];
  return isArrayType(type) && cell !== null ? [scalarTexts.join(',')] : scalarTexts;
}
