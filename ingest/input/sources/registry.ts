import { z } from 'zod';
import { jsonField, readerOfType, readFields, readObject } from '../../spec/fields.js';
import { readDruid } from './druid.js';
import { readHttp } from './http.js';
import { readInline } from './inline.js';
import { readLocal } from './local.js';
import type { InputSource } from './source.js';

type SourceReader = (json: unknown, field: string) => readonly InputSource[];

const one =
  (read: (json: unknown, field: string) => InputSource): SourceReader =>
  (json, field) => [read(json, field)];

/** One line per input source. */
const READERS: ReadonlyMap<string, SourceReader> = new Map([
  ['inline', one(readInline)],
  ['local', one(readLocal)],
  ['http', one(readHttp)],
  ['druid', one(readDruid)],
  ['combining', readCombining],
]);

/** What Druid reads from, and we do not yet. */
const NOT_BUILT: ReadonlySet<string> = new Set([
  's3',
  'google',
  'azure',
  'azureStorage',
  'hdfs',
  'sql',
  'iceberg',
  'delta',
  'oss',
]);

/** Reads an `inputSource`: what is read, one after the other. Throws UserError that names `field`. */
export function parseInputSource(json: unknown, field: string): readonly InputSource[] {
  const object = readObject(json, field);
  return readerOfType('input source', object, field, READERS, NOT_BUILT)(object, field);
}

const CombiningSpec = z.object({
  delegates: z
    .array(jsonField, { error: 'want a list of input sources' })
    .min(1, 'want at least one input source'),
});

/** The sources of a list, of any kinds: of bytes, of one format, and tables. */
function readCombining(json: unknown, field: string): readonly InputSource[] {
  const { delegates } = readFields(CombiningSpec, json, field);
  return delegates.flatMap((delegate, i) => parseInputSource(delegate, `${field}.delegates[${i}]`));
}
