import { readerOfType, readObject } from '../../spec/fields.js';
import { readCsvFormat } from './csv.js';
import type { InputFormat } from './format.js';
import { readJsonFormat } from './json.js';
import { readParquetFormat } from './parquet.js';
import { readTsvFormat } from './tsv.js';

/** Reads a format's settings; `named` are the fields that the spec reads by their names. */
type FormatReader = (json: unknown, field: string, named: ReadonlySet<string>) => InputFormat;

/** One line per input format. */
const FORMATS: ReadonlyMap<string, FormatReader> = new Map<string, FormatReader>([
  ['json', readJsonFormat],
  ['csv', readCsvFormat],
  ['tsv', readTsvFormat],
  ['parquet', readParquetFormat],
]);

/** Formats of Druid that are not built yet. */
const NOT_BUILT: ReadonlySet<string> = new Set([
  'orc',
  'avro_ocf',
  'avro_stream',
  'protobuf',
  'kafka',
  'kinesis',
  'regex',
  'lines',
  'javascript',
  'thrift',
]);

/** Reads an `inputFormat`. Throws UserError that names `field`. */
export function parseInputFormat(
  json: unknown,
  field: string,
  named: ReadonlySet<string> = new Set(),
): InputFormat {
  const object = readObject(json, field);
  return readerOfType('input format', object, field, FORMATS, NOT_BUILT)(object, field, named);
}
