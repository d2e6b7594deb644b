import { z } from 'zod';
import { isJsonObject, type JsonObject } from '../../core/index.js';
import {
  ALL_GRANULARITY,
  ORDERINGS,
  parseDimension,
  parseGranularity,
  parseSearchQuery,
} from '../../model/index.js';
import { type QueryReader, readBase } from './base.js';
import {
  badField,
  childField,
  integerField,
  isAbsent,
  readFields,
  shown,
  wordField,
} from './fields.js';
import type { SearchQuery } from './query.js';

const DEFAULT_LIMIT = 1000;

const Schema = z.object({ limit: integerField });

export const readSearch: QueryReader = (json, field, parseQuery) => {
  const base = readBase(json, field, parseQuery);
  const { limit } = readFields(Schema, json, field);
  if (limit !== null && limit < 0) {
    throw badField(childField(field, 'limit'), `want 0 (${DEFAULT_LIMIT}) or more; got ${limit}`);
  }
  return {
    ...base,
    queryType: 'search',
    granularity: isAbsent(json.granularity)
      ? ALL_GRANULARITY
      : parseGranularity(json.granularity, childField(field, 'granularity')),
    dimensions: readDimensions(json, field),
    search: parseSearchQuery(json.query ?? { type: 'all' }, childField(field, 'query')),
    sort: readSort(json.sort, childField(field, 'sort')),
    limit: limit === null || limit === 0 ? DEFAULT_LIMIT : limit,
  };
};

/** Druid documents `searchDimensions`; its own serialised form is `dimensions`. */
function readDimensions(json: JsonObject, field: string): SearchQuery['dimensions'] {
  const key = isAbsent(json.searchDimensions) ? 'dimensions' : 'searchDimensions';
  const list = json[key];
  const path = childField(field, key);
  if (isAbsent(list)) return null;
  const items: readonly unknown[] = Array.isArray(list) ? list : [list];
  if (items.length === 0) return null;
  return items.map((item, i) => parseDimension(item, `${path}[${i}]`));
}

const SortSchema = z.object({ type: wordField(ORDERINGS, 'lexicographic') });

function readSort(json: unknown, field: string): SearchQuery['sort'] {
  if (isAbsent(json)) return 'lexicographic';
  const spec = typeof json === 'string' ? { type: json } : json;
  if (!isJsonObject(spec)) throw badField(field, `want {"type": …}; got ${shown(json)}`);
  return readFields(SortSchema, spec, field).type;
}
