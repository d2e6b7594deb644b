import { z } from 'zod';
import { wholeJavaRegex } from '../regex/java-regex.js';
import { flagSpec, jsonSpec, readSpec, textSpec } from '../spec.js';
import { scalarText } from '../text.js';
import { isArrayType, isComplexType, type Scalar, type Value } from '../types.js';
import type { Dimension, DimensionReader } from './dimension.js';
import { mappedReader } from './mapped-reader.js';

const ListSchema = z.object({
  delegate: jsonSpec,
  values: z
    .array(textSpec.nullable(), { error: 'want a list of texts' })
    .min(1, 'must not be empty'),
  isWhitelist: flagSpec(true),
});
const RegexSchema = z.object({ delegate: jsonSpec, pattern: textSpec });
const PrefixSchema = z.object({ delegate: jsonSpec, prefix: textSpec });

/** Keeps, or with `isWhitelist` false drops, the listed values of the delegate. */
export const readListFiltered: DimensionReader = (json, field, parse) => {
  const { delegate, values, isWhitelist } = readSpec(ListSchema, json, field);
  const listed = new Set(values);
  const inner = parse(delegate, `${field}.delegate`);
  return keeping(json, inner, (text) => listed.has(text) === isWhitelist);
};

/** Keeps values that match a Java regular expression as a whole. */
export const readRegexFiltered: DimensionReader = (json, field, parse) => {
  const { delegate, pattern } = readSpec(RegexSchema, json, field);
  const regex = wholeJavaRegex(pattern, `${field}.pattern`);
  const inner = parse(delegate, `${field}.delegate`);
  return keeping(json, inner, (text) => text !== null && regex.test(text));
};

/** Keeps values that start with a text. */
export const readPrefixFiltered: DimensionReader = (json, field, parse) => {
  const { delegate, prefix } = readSpec(PrefixSchema, json, field);
  const inner = parse(delegate, `${field}.delegate`);
  return keeping(json, inner, (text) => text?.startsWith(prefix) === true);
};

/** The delegate without the values whose text is not kept; a cell that loses all is an empty list. */
function keeping(
  spec: Dimension['spec'],
  inner: Dimension,
  keeps: (text: string | null) => boolean,
): Dimension {
  return {
    ...inner,
    spec,
    reader(source) {
      const reader = inner.reader(source);
      const { type } = reader;
      if (isArrayType(type) || isComplexType(type)) return reader;
      const keep = (cell: Value): Value => {
        const list = Array.isArray(cell) ? (cell as readonly Scalar[]) : [cell as Scalar];
        const kept = list.filter((value) => keeps(scalarText(value, type)));
        return kept.length === 1 ? kept[0]! : kept;
      };
      return { ...mappedReader(reader, type, keep), multiValue: true };
    },
  };
}
