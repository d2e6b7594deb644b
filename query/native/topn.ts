import { z } from 'zod';
import { isJsonObject } from '../../core/index.js';
import { ORDERINGS, parseDimension } from '../../model/index.js';
import { checkOutputs, outputNames, type QueryReader, readAggregationBase } from './base.js';
import {
  badField,
  childField,
  integerField,
  isAbsent,
  optionalTextField,
  readFields,
  shown,
  wordField,
} from './fields.js';
import type { TopNMetric } from './query.js';

const Schema = z.object({ threshold: integerField });

export const readTopN: QueryReader = (json, field, parseQuery) => {
  const base = readAggregationBase(json, field, parseQuery);
  const dimensionField = childField(field, 'dimension');
  if (isAbsent(json.dimension)) throw badField(dimensionField, 'must be given');
  const dimension = parseDimension(json.dimension, dimensionField);
  const outputs = outputNames(base);
  checkOutputs(base, [dimension.outputName], field);
  const { threshold } = readFields(Schema, json, field);
  if (threshold === null || threshold <= 0) {
    throw badField(
      childField(field, 'threshold'),
      `want how many groups to return, 1 or more; got ${shown(json.threshold)}`,
    );
  }
  const metricField = childField(field, 'metric');
  const metric = parseMetric(json.metric, metricField);
  if (metric.by === 'metric' && !outputs.includes(metric.name)) {
    throw badField(
      metricField,
      `no aggregation or post-aggregation is named "${metric.name}"; use one of ${shown(outputs)}`,
    );
  }
  return { ...base, queryType: 'topN', dimension, threshold, metric };
};

const DimensionMetricSchema = z.object({
  ordering: wordField(ORDERINGS, 'lexicographic'),
  previousStop: optionalTextField,
});

/** Reads a metric: the name of an output, or a spec (aggregations-filters-dimensions.md §8). */
function parseMetric(json: unknown, field: string): TopNMetric {
  if (typeof json === 'string' && json !== '') {
    return { by: 'metric', name: json, inverted: false };
  }
  if (!isJsonObject(json)) {
    throw badField(field, `want the name of an aggregation, or a metric spec; got ${shown(json)}`);
  }
  const byDimension = (ordering?: 'lexicographic' | 'alphanumeric'): TopNMetric => {
    const read = readFields(DimensionMetricSchema, json, field);
    return {
      by: 'dimension',
      ordering: ordering ?? read.ordering,
      previousStop: read.previousStop,
      inverted: false,
    };
  };
  switch (json.type) {
    case 'numeric':
      return parseMetric(json.metric, childField(field, 'metric'));
    case 'dimension':
      return byDimension();
    case 'lexicographic':
      return byDimension('lexicographic');
    case 'alphaNumeric':
      return byDimension('alphanumeric');
    case 'inverted': {
      const inner = parseMetric(json.metric, childField(field, 'metric'));
      return { ...inner, inverted: !inner.inverted };
    }
    default:
      throw badField(
        childField(field, 'type'),
        `Could not resolve type id '${String(json.type)}' as a subtype of \`TopNMetricSpec\`: known type ids = [numeric, dimension, inverted, lexicographic, alphaNumeric]`,
      );
  }
}
