import { z } from 'zod';
import { parseSearchQuery } from '../search-query.js';
import { jsonSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import type { Filter } from './filter.js';
import { textFilter } from './text-filter.js';

const Schema = z.object({ dimension: nameSpec, query: jsonSpec });

export const readSearch: SpecReader<Filter> = (json, field) => {
  const { dimension, query } = readSpec(Schema, json, field);
  const { accepts } = parseSearchQuery(query, `${field}.query`);
  return textFilter(json, field, dimension, accepts);
};
