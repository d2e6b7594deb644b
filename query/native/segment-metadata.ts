import { z } from 'zod';
import { isJsonObject, UnsupportedError } from '../../core/index.js';
import { type QueryReader, readBase } from './base.js';
import {
  badField,
  childField,
  flagField,
  isAbsent,
  namesField,
  readFields,
  shown,
  wordField,
} from './fields.js';
import { ANALYSIS_TYPES, type AnalysisType } from './query.js';

const DEFAULT_ANALYSES: readonly AnalysisType[] = ['cardinality', 'interval', 'minmax'];

const Schema = z.object({
  merge: flagField(false),
  lenientAggregatorMerge: flagField(false),
  aggregatorMergeStrategy: wordField(['strict', 'lenient', 'earliest', 'latest'], 'strict'),
});

export const readSegmentMetadata: QueryReader = (json, field, parseQuery) => {
  const base = readBase(json, field, parseQuery, 'eternity');
  const { type } = base.dataSource;
  if (type === 'query' || type === 'inline' || type === 'lookup') {
    throw new UnsupportedError(
      `${childField(field, 'dataSource')}: segmentMetadata describes tables; name a table or a union of tables`,
    );
  }
  const read = readFields(Schema, json, field);
  return {
    ...base,
    queryType: 'segmentMetadata',
    usingDefaultInterval: isAbsent(json.intervals),
    toInclude: readToInclude(json.toInclude, childField(field, 'toInclude')),
    merge: read.merge,
    analysisTypes: readAnalyses(json.analysisTypes, childField(field, 'analysisTypes')),
    aggregatorMergeStrategy: read.lenientAggregatorMerge ? 'lenient' : read.aggregatorMergeStrategy,
  };
};

const ListSchema = z.object({ columns: namesField });

function readToInclude(json: unknown, field: string): readonly string[] | null {
  if (isAbsent(json)) return null;
  const spec = typeof json === 'string' ? { type: json } : json;
  if (!isJsonObject(spec)) throw badField(field, `want {"type": …}; got ${shown(json)}`);
  switch (spec.type) {
    case 'all':
      return null;
    case 'none':
      return [];
    case 'list':
      if (Array.isArray(spec.columns)) return readFields(ListSchema, spec, field).columns;
      throw badField(
        childField(field, 'columns'),
        `want a list of names; got ${shown(spec.columns)}`,
      );
    default:
      throw badField(
        childField(field, 'type'),
        `Could not resolve type id '${String(spec.type)}' as a subtype of \`ColumnIncluderator\`: known type ids = [all, none, list]`,
      );
  }
}

function readAnalyses(json: unknown, field: string): ReadonlySet<AnalysisType> {
  if (isAbsent(json)) return new Set(DEFAULT_ANALYSES);
  if (!Array.isArray(json)) throw badField(field, `want a list; got ${shown(json)}`);
  return new Set(
    json.map((name: unknown, i) => {
      const word = typeof name === 'string' ? name.toLowerCase() : '';
      const found = ANALYSIS_TYPES.find((type) => type === word);
      if (found !== undefined) return found;
      throw badField(
        `${field}[${i}]`,
        `want one of ${ANALYSIS_TYPES.join(', ')}; got ${shown(name)}`,
      );
    }),
  );
}
