import { z } from 'zod';
import { likeMatcher } from '../like.js';
import { nameSpec, readSpec, type SpecReader, textSpec } from '../spec.js';
import type { Filter } from './filter.js';
import { textFilter } from './text-filter.js';

const Schema = z.object({
  dimension: nameSpec,
  pattern: textSpec,
  escape: z
    .string()
    .refine((text) => text.length === 1, { error: 'want a single character' })
    .nullish(),
});

/** SQL's LIKE over the whole text. */
export const readLike: SpecReader<Filter> = (json, field) => {
  const spec = readSpec(Schema, json, field);
  const matches = likeMatcher(spec.pattern, spec.escape ?? null);
  return textFilter(json, field, spec.dimension, matches);
};
