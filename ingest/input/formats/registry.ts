import { z } from 'zod';
import { isJsonObject, UserError } from '../../../core/index.js';
import {
  countField,
  flagField,
  jsonField,
  readerOfType,
  readFields,
  readObject,
  requiredText,
  textField,
} from '../../spec/fields.js';
import { type Flatten, type FlattenField, flattenAll, flattenBy, parsePath } from '../flatten.js';
import type { TextColumns } from './columns.js';
import { csvFormat } from './csv.js';
import type { InputFormat } from './format.js';
import { jsonFormat } from './json.js';
import { parquetFormat } from './parquet.js';
import { tsvFormat } from './tsv.js';

/** One line per input format. */
const FORMATS: ReadonlyMap<string, (json: unknown, field: string) => InputFormat> = new Map([
  ['json', (json: unknown, field: string) => jsonFormat(readFlatten(json, field))],
  ['csv', (json: unknown, field: string) => csvFormat(readColumns(json, field))],
  ['tsv', readTsv],
  ['parquet', () => parquetFormat()],
]);

/** Formats of Druid that are not built yet. */
const NOT_BUILT = new Set([
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

/** Reads an `inputFormat`. Throws UserError naming `field`. */
export function parseInputFormat(json: unknown, field: string): InputFormat {
  const object = readObject(json, field);
  return readerOfType('input format', object, field, FORMATS, NOT_BUILT)(object, field);
}

const Columns = z.object({
  columns: z.array(requiredText, { error: 'want a list of column names' }).nullish(),
  findColumnsFromHeader: flagField(false),
  skipHeaderRows: countField(0, 0),
  listDelimiter: textField('\u0001'),
});

function readColumns(json: unknown, field: string): TextColumns {
  const { columns, ...settings } = readFields(Columns, json, field);
  if ((columns ?? []).length === 0 && !settings.findColumnsFromHeader) {
    throw new UserError(
      `${field}: want "columns", or "findColumnsFromHeader": true`,
      'spec',
      `${field}.columns`,
    );
  }
  return { columns: columns ?? null, ...settings };
}

const Delimiter = z.object({ delimiter: textField('\t') });

function readTsv(json: unknown, field: string): InputFormat {
  return tsvFormat(readColumns(json, field), readFields(Delimiter, json, field).delimiter);
}

const FlattenSpec = z.object({
  useFieldDiscovery: flagField(true),
  fields: z.array(jsonField, { error: 'want a list' }).nullish(),
});

function readFlatten(json: unknown, field: string): Flatten {
  const { flattenSpec } = readFields(z.object({ flattenSpec: jsonField }), json, field);
  if (flattenSpec === undefined || flattenSpec === null) return flattenAll;
  const path = `${field}.flattenSpec`;
  const { fields, useFieldDiscovery } = readFields(FlattenSpec, flattenSpec, path);
  const read = (fields ?? []).map((item, i) => readFlattenField(item, `${path}.fields[${i}]`));
  return flattenBy(read, useFieldDiscovery);
}

const FieldSpec = z.object({ type: requiredText, name: requiredText, expr: textField(null) });

function readFlattenField(json: unknown, field: string): FlattenField {
  if (typeof json === 'string') return { name: json, path: [json] };
  if (!isJsonObject(json)) throw new UserError(`${field}: want a name or an object`, 'spec', field);
  const { type, name, expr } = readFields(FieldSpec, json, field);
  if (type === 'root') return { name, path: [expr ?? name] };
  if (type === 'path') return { name, path: parsePath(expr ?? `$.${name}`, `${field}.expr`) };
  throw new UserError(
    `${field}.type: flattenSpec fields of type '${type}' are not built yet; use root or path`,
    'spec',
    `${field}.type`,
  );
}
