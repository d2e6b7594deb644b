import { readerOfType, readObject } from '../../spec/fields.js';
import { readHttp } from './http.js';
import { readInline } from './inline.js';
import { readLocal } from './local.js';
import type { InputSource } from './source.js';

/** One line per input source. */
const SOURCES: ReadonlyMap<string, (json: unknown, field: string) => InputSource> = new Map([
  ['inline', readInline],
  ['local', readLocal],
  ['http', readHttp],
]);

/** Sources of Druid that are not built yet. */
const NOT_BUILT = new Set([
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
]);

/** Reads an `inputSource`. Throws UserError naming `field`. */
export function parseInputSource(json: unknown, field: string): InputSource {
  const object = readObject(json, field);
  return readerOfType('input source', object, field, SOURCES, NOT_BUILT)(object, field);
}
