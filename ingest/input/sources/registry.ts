import { readerOfType, readObject } from '../../spec/fields.js';
import { readHttp } from './http.js';
import { readInline } from './inline.js';
import { readLocal } from './local.js';
import type { InputSource } from './source.js';

const READERS: ReadonlyMap<string, (json: unknown, field: string) => InputSource> = new Map([
  ['inline', readInline],
  ['local', readLocal],
  ['http', readHttp],
]);

/** What Druid reads from, and we do not yet. */
const NOT_BUILT: ReadonlySet<string> = new Set([
  's3',
  'google',
  'azure',
  'azureStorage',
  'hdfs',
  'druid',
  'sql',
  'combining',
  'iceberg',
  'delta',
  'oss',
]);

/** Reads an `inputSource`. Throws UserError that names `field`. */
export function parseInputSource(json: unknown, field: string): InputSource {
  const object = readObject(json, field);
  return readerOfType('input source', object, field, READERS, NOT_BUILT)(object, field);
}
