import { z } from 'zod';
import { type QueryReader, readBase } from './base.js';
import { readFields, wordField } from './fields.js';

const Schema = z.object({ bound: wordField(['both', 'minTime', 'maxTime'], 'both') });

export const readTimeBoundary: QueryReader = (json, field, parseQuery) => {
  const base = readBase(json, field, parseQuery, 'eternity');
  // Druid itself sends an empty text for "both".
  const { bound } = readFields(Schema, { bound: json.bound === '' ? null : json.bound }, field);
  return { ...base, queryType: 'timeBoundary', bound: bound === 'both' ? null : bound };
};
