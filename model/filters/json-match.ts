import { z } from 'zod';
import type { Json } from '../json/json.js';
import { jsonMatcher, readConditions } from '../json/json-match.js';
import { memoised } from '../rows.js';
import { nameSpec, readSpec, type SpecReader } from '../spec.js';
import { JSON_TYPE } from '../types.js';
import { FALSE, type Filter, TRUE, UNKNOWN } from './filter.js';

const value = z.union([z.string(), z.number(), z.bigint(), z.boolean()], {
  error: 'want a text, a number, true or false',
});
const Schema = z.object({
  column: nameSpec,
  conditions: z
    .array(z.object({ path: nameSpec, value: value.optional() }), {
      error: 'want a list of objects with a path, and a value or none',
    })
    .min(1, 'want at least one condition'),
});

/** Documents that have all of some conditions; those on a list in one element of it. Unknown for null and what is no document. */
export const readJsonMatch: SpecReader<Filter> = (json, field) => {
  const spec = readSpec(Schema, json, field);
  const conditions = readConditions(spec.conditions, `${field}.conditions`);
  const matches = jsonMatcher(conditions);
  return {
    spec: json,
    inputs: [spec.column],
    form: { kind: 'json', column: spec.column, conditions },
    predicate(source) {
      const reader = source.column(spec.column);
      if (reader.type !== JSON_TYPE) return () => UNKNOWN;
      return memoised(reader, (cell) =>
        cell === null ? UNKNOWN : matches((cell as Json).value) ? TRUE : FALSE,
      );
    },
  };
};
