import { readerOfType, readObject } from '../../spec/fields.js';
import { readDruid } from './druid.js';
import { readHttp } from './http.js';
import { readInline } from './inline.js';
import { readLocal } from './local.js';
import type { InputSource } from './source.js';

type SourceReader = (json: unknown, field: string) => InputSource;

/** One line per input source. */
const READERS: ReadonlyMap<string, SourceReader> = new Map<string, SourceReader>([
  ['inline', readInline],
  ['local', readLocal],
  ['http', readHttp],
  ['druid', readDruid],
]);

/** What Druid reads from, and we do not yet. */
const NOT_BUILT: ReadonlySet<string> = new Set([
  's3',
  'google',
  'azure',
  'azureStorage',
  'hdfs',
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
