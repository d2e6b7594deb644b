import { z } from 'zod';
import { checkOutputs, type QueryReader, readAggregationBase } from './base.js';
import { badField, childField, flagField, integerField, readFields } from './fields.js';

const Schema = z.object({ descending: flagField(false), limit: integerField });

export const readTimeseries: QueryReader = (json, field, parseQuery) => {
  const base = readAggregationBase(json, field, parseQuery);
  const { timestampResultField } = base.context;
  const timeNames = timestampResultField === null ? [] : [timestampResultField];
  checkOutputs(base, timeNames, field);
  const { descending, limit } = readFields(Schema, json, field);
  if (limit !== null && limit < 0) {
    throw badField(childField(field, 'limit'), `want 0 (unlimited) or more; got ${limit}`);
  }
  return {
    ...base,
    queryType: 'timeseries',
    descending,
    limit: limit === 0 ? null : limit,
  };
};
