import { z } from 'zod';
import { UserError } from '../../../../core/index.js';
import {
  flagField,
  jsonField,
  readerOfType,
  readFields,
  readObject,
  shown,
} from '../../../spec/fields.js';
import type { InputBatch } from '../../batch.js';
import { BatchBuilder } from '../../batch-builder.js';
import { type Flatten, readFlattenSpec } from '../flatten/flatten-spec.js';
import type { FormatContext, InputFormat } from '../format.js';
import { AvroInput } from './data-input.js';
import type { DecodeOptions } from './decode.js';
import { AvroRecords } from './records.js';
import { parseSchema } from './schema.js';

const StreamSpec = z.object({
  flattenSpec: jsonField,
  avroBytesDecoder: jsonField,
  binaryAsString: flagField(false),
  extractUnionsByType: flagField(false),
});

/** Finds the schema of the record that begins at `input`, and leaves `input` where its fields begin. Throws RangeError. */
type FindRecords = (input: AvroInput) => AvroRecords;

type DecoderReader = (json: unknown, field: string, options: DecodeOptions) => FindRecords;

/** One line per `avroBytesDecoder`. */
const DECODERS: ReadonlyMap<string, DecoderReader> = new Map<string, DecoderReader>([
  ['schema_inline', readOneSchema],
  ['multiple_schemas_inline', readSchemas],
]);

const NOT_BUILT: ReadonlySet<string> = new Set(['schema_registry', 'schema_repo']);

/** What stands before a record where there are several schemas; the number of its schema follows, big-endian. */
const VERSION = 1;

/**
 * Records in Avro's binary encoding without a container, whose schema is in the spec. An entity holds one, or several one
 * after another.
 */
export function readAvroStreamFormat(
  json: unknown,
  field: string,
  context: FormatContext,
): InputFormat {
  const { flattenSpec, avroBytesDecoder, ...options } = readFields(StreamSpec, json, field);
  const flatten = readFlattenSpec(flattenSpec, `${field}.flattenSpec`, context);
  const path = `${field}.avroBytesDecoder`;
  const decoder = readObject(avroBytesDecoder, path);
  const find = readerOfType(
    'Avro decoder',
    decoder,
    path,
    DECODERS,
    NOT_BUILT,
  )(decoder, path, options);
  return {
    type: 'avro_stream',
    read: async function* (entity) {
      yield* readRecords(await entity.bytes(), find, flatten, entity.uri);
    },
  };
}

function readOneSchema(json: unknown, field: string, options: DecodeOptions): FindRecords {
  const schema = parseSchema(readObject(json, field).schema, `${field}.schema`);
  const records = new AvroRecords(schema, schema, options);
  return () => records;
}

function readSchemas(json: unknown, field: string, options: DecodeOptions): FindRecords {
  const path = `${field}.schemas`;
  const schemas = readObject(readObject(json, field).schemas, path);
  const byId = new Map<number, AvroRecords>();
  for (const [id, schemaJson] of Object.entries(schemas)) {
    if (!/^\d{1,9}$/.test(id)) {
      throw new UserError(`${path}: want numbers as keys; got ${shown(id)}`, 'spec', path);
    }
    const schema = parseSchema(schemaJson, `${path}.${id}`);
    byId.set(Number(id), new AvroRecords(schema, schema, options));
  }
  return (input) => {
    const [version, a, b, c, d] = input.raw(5);
    if (version !== VERSION) throw new RangeError(`it begins with ${version}, want ${VERSION}`);
    const id = ((a! << 24) | (b! << 16) | (c! << 8) | d!) >>> 0;
    const records = byId.get(id);
    if (records === undefined) throw new RangeError(`there is no schema ${id}`);
    return records;
  };
}

function* readRecords(
  bytes: Uint8Array,
  find: FindRecords,
  flatten: Flatten,
  uri: string,
): Generator<InputBatch> {
  const input = new AvroInput(bytes);
  while (input.remaining > 0) {
    const start = input.position;
    try {
      for (const batch of find(input).read(input, 1, `${uri} at byte ${start}`)) {
        yield flatten(batch);
        if (batch.bad.length > 0) return;
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const batch = new BatchBuilder();
      batch.bad(`${uri} at byte ${start}`, error.message);
      yield batch.build(bytes.length - start);
      return;
    }
    // A record without fields takes no bytes.
    if (input.position === start) return;
  }
}
