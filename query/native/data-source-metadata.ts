import { type QueryReader, readBase } from './base.js';

export const readDataSourceMetadata: QueryReader = (json, field, parseQuery) => ({
  ...readBase(json, field, parseQuery, 'eternity'),
  queryType: 'dataSourceMetadata',
});
