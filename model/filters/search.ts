import { z } from 'zod';
import { parseSearchQuery } from '../search-query.js';
import { jsonSpec, nameSpec, readSpec, type SpecReader } from '../spec.js';
import { type Filter, UNKNOWN } from './filter.js';
import { textFilter } from './text-filter.js';
import { textTest } from './text-test.js';

const Schema = z.object({ dimension: nameSpec, query: jsonSpec });

export const readSearch: SpecReader<Filter> = (json, field) => {
  const { dimension, query } = readSpec(Schema, json, field);
  const { accepts, pattern } = parseSearchQuery(query, `${field}.query`);
  const texts = pattern === null ? null : textTest({ kind: 'pattern', pattern }, UNKNOWN);
  return textFilter(json, field, dimension, accepts, texts);
};
