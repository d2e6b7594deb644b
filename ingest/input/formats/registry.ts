import { readerOfType, readObject } from '../../spec/fields.js';
import { readAvroOcfFormat } from './avro/avro-ocf.js';
import { readAvroStreamFormat } from './avro/avro-stream.js';
import { readCsvFormat } from './csv.js';
import type { FormatContext, InputFormat } from './format.js';
import { readJsonFormat } from './json.js';
import { readLinesFormat } from './lines.js';
import { readOrcFormat } from './orc/orc.js';
import { readParquetFormat } from './parquet.js';
import { readProtobufFormat } from './protobuf/protobuf.js';
import { readRegexFormat } from './regex.js';
import { readTsvFormat } from './tsv.js';

type FormatReader = (json: unknown, field: string, context: FormatContext) => InputFormat;

/** One line per input format. */
const FORMATS: ReadonlyMap<string, FormatReader> = new Map<string, FormatReader>([
  ['json', readJsonFormat],
  ['csv', readCsvFormat],
  ['tsv', readTsvFormat],
  ['regex', readRegexFormat],
  ['lines', readLinesFormat],
  ['parquet', readParquetFormat],
  ['orc', readOrcFormat],
  ['avro_ocf', readAvroOcfFormat],
  ['avro_stream', readAvroStreamFormat],
  ['protobuf', readProtobufFormat],
]);

/** Formats of Druid that are not built yet. */
const NOT_BUILT: ReadonlySet<string> = new Set(['kafka', 'kinesis', 'javascript', 'thrift']);

const NO_CONTEXT: FormatContext = {
  named: new Set(),
  keepsNullElements: () => false,
  timeColumn: null,
};

/** Reads an `inputFormat`. Throws UserError that names `field`. */
export function parseInputFormat(
  json: unknown,
  field: string,
  context: FormatContext = NO_CONTEXT,
): InputFormat {
  const object = readObject(json, field);
  return readerOfType('input format', object, field, FORMATS, NOT_BUILT)(object, field, context);
}
