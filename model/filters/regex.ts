import { z } from 'zod';
import { javaRegex } from '../regex/java-regex.js';
import { nameSpec, readSpec, type SpecReader, textSpec } from '../spec.js';
import type { Filter } from './filter.js';
import { textFilter } from './text-filter.js';

const Schema = z.object({ dimension: nameSpec, pattern: textSpec });

/** A Java regular expression found anywhere in the text. */
export const readRegex: SpecReader<Filter> = (json, field) => {
  const { dimension, pattern } = readSpec(Schema, json, field);
  const regex = javaRegex(pattern, `${field}.pattern`);
  return textFilter(json, field, dimension, (text) => regex.test(text), null);
};
