import { z } from 'zod';
import { likeMatcher, likeTexts } from '../like.js';
import { nameSpec, readSpec, type SpecReader, textSpec } from '../spec.js';
import { type Filter, UNKNOWN } from './filter.js';
import { textFilter } from './text-filter.js';
import { textTest } from './text-test.js';

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
  const escapeCharacter = spec.escape ?? null;
  const matches = likeMatcher(spec.pattern, escapeCharacter);
  const texts = textTest(likeTexts(spec.pattern, escapeCharacter), UNKNOWN);
  return textFilter(json, field, spec.dimension, matches, texts);
};
