import { z } from 'zod';
import { UserError } from '../../../core/index.js';
import { lookupNamed } from '../../lookups/pins.js';
import { flagSpec, nameSpec, optionalText, readSpec, textSpec } from '../../spec.js';
import { type ExtractionFn, type ExtractionReader, overText } from './extraction-fn.js';

const RestSchema = z.object({
  retainMissingValue: flagSpec(false),
  replaceMissingValueWith: optionalText,
});

const InlineMap = z.object({ type: z.literal('map'), map: z.record(z.string(), textSpec) });

const Schema = RestSchema.extend({
  lookup: z.union([nameSpec, InlineMap], {
    error: 'want the name of a lookup, or {"type": "map", "map": {…}}',
  }),
});

const RegisteredSchema = RestSchema.extend({ lookup: nameSpec });

type Settings = z.output<typeof Schema>;

/**
 * Replaces values by a map, given with the query or registered. What the map lacks (null included) is kept,
 * replaced, or becomes null. An empty replacement text is null, as in Druid.
 */
export const readLookup: ExtractionReader = (json, field) =>
  lookupFn(json, field, readSpec(Schema, json, field));

/** The same of a registered one alone. */
export const readRegisteredLookup: ExtractionReader = (json, field) =>
  lookupFn(json, field, readSpec(RegisteredSchema, json, field));

function lookupFn(
  json: ExtractionFn['spec'],
  field: string,
  { lookup, retainMissingValue, replaceMissingValueWith }: Settings,
): ExtractionFn {
  if (retainMissingValue && replaceMissingValueWith !== null) {
    throw new UserError(
      `${field}.replaceMissingValueWith: cannot go with "retainMissingValue": true; drop one of them`,
      'query',
      `${field}.replaceMissingValueWith`,
    );
  }
  const map =
    typeof lookup === 'string'
      ? lookupNamed(lookup, `${field}.lookup`)
      : new Map(Object.entries(lookup.map));
  return overText(json, (text) => {
    const found = text === null ? undefined : map.get(text);
    return found ?? (retainMissingValue ? text : replaceMissingValueWith);
  });
}
