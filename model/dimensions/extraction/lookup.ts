import { z } from 'zod';
import { UnsupportedError, UserError } from '../../../core/index.js';
import { flagSpec, optionalText, readSpec, textSpec } from '../../spec.js';
import { type ExtractionFn, type ExtractionReader, overText } from './extraction-fn.js';

const Schema = z.object({
  lookup: z.union(
    [z.string(), z.object({ type: z.literal('map'), map: z.record(z.string(), textSpec) })],
    { error: 'want {"type": "map", "map": {…}}' },
  ),
  retainMissingValue: flagSpec(false),
  replaceMissingValueWith: optionalText,
});

/**
 * Replaces values by a map given with the query. What the map lacks (null included) is kept,
 * replaced, or becomes null. An empty replacement text is null, as in Druid.
 */
export const readLookup: ExtractionReader = (json, field): ExtractionFn => {
  const { lookup, retainMissingValue, replaceMissingValueWith } = readSpec(Schema, json, field);
  if (typeof lookup === 'string') {
    throw new UnsupportedError(
      `${field}.lookup: registered lookups such as "${lookup}" are not supported: give the map inline, {"type": "map", "map": {…}}`,
      { field: `${field}.lookup` },
    );
  }
  if (retainMissingValue && replaceMissingValueWith !== null) {
    throw new UserError(
      `${field}.replaceMissingValueWith: cannot go with "retainMissingValue": true; drop one of them`,
      'query',
      `${field}.replaceMissingValueWith`,
    );
  }
  const map = new Map(Object.entries(lookup.map));
  return overText(json, (text) => {
    const found = text === null ? undefined : map.get(text);
    return found ?? (retainMissingValue ? text : replaceMissingValueWith);
  });
};
