import { z } from 'zod';
import type { JsonObject } from '../core/index.js';
import { ANY_TEXT, longestOf, type TextPattern } from './filters/text-test.js';
import { javaRegex } from './regex/java-regex.js';
import {
  flagSpec,
  parseOneOf,
  readSpec,
  type SpecFamily,
  type SpecReader,
  textSpec,
} from './spec.js';

/** A search query spec: which texts match. Null never does. */
export interface TextSearch {
  readonly spec: JsonObject;
  accepts(text: string): boolean;
  /** What the texts that it accepts have in common; null where only `accepts` can tell. */
  readonly pattern: TextPattern | null;
}

/** Reads `{"type": "contains", "value": …}` and its kin. */
export function parseSearchQuery(json: unknown, field: string): TextSearch {
  return parseOneOf(FAMILY, json, field);
}

const ContainsSchema = z.object({ value: textSpec, caseSensitive: flagSpec(false) });
const FragmentSchema = z.object({
  values: z.array(textSpec, { error: 'want a list of texts' }),
  caseSensitive: flagSpec(false),
});
const RegexSchema = z.object({ pattern: textSpec });

const readContains: SpecReader<TextSearch> = (json, field) => {
  const { value, caseSensitive } = readSpec(ContainsSchema, json, field);
  return { spec: json, ...containsAll([value], caseSensitive) };
};

const readInsensitive: SpecReader<TextSearch> = (json, field) => {
  const { value } = readSpec(ContainsSchema, json, field);
  return { spec: json, ...containsAll([value], false) };
};

const readFragment: SpecReader<TextSearch> = (json, field) => {
  const { values, caseSensitive } = readSpec(FragmentSchema, json, field);
  return { spec: json, ...containsAll(values, caseSensitive) };
};

const readRegex: SpecReader<TextSearch> = (json, field) => {
  const { pattern } = readSpec(RegexSchema, json, field);
  const regex = javaRegex(pattern, `${field}.pattern`);
  return { spec: json, accepts: (text) => regex.test(text), pattern: null };
};

function containsAll(
  values: readonly string[],
  caseSensitive: boolean,
): Pick<TextSearch, 'accepts' | 'pattern'> {
  if (caseSensitive) {
    const piece = longestOf(values);
    return {
      accepts: (text) => values.every((value) => text.includes(value)),
      pattern: { ...ANY_TEXT, piece, isWhole: values.every((value) => value === piece) },
    };
  }
  const lowered = values.map((value) => value.toLowerCase());
  const accepts = (text: string) => {
    const low = text.toLowerCase();
    return lowered.every((value) => low.includes(value));
  };
  return { accepts, pattern: null };
}

const FAMILY: SpecFamily<TextSearch> = {
  role: 'SearchQuerySpec',
  types: new Map<string, SpecReader<TextSearch>>([
    ['contains', readContains],
    ['insensitive_contains', readInsensitive],
    ['fragment', readFragment],
    ['regex', readRegex],
    ['all', (json) => ({ spec: json, accepts: () => true, pattern: ANY_TEXT })],
  ]),
};
