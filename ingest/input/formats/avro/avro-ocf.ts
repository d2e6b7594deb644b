import { z } from 'zod';
import { flagField, jsonField, readFields } from '../../../spec/fields.js';
import { readFlattenSpec } from '../flatten/flatten-spec.js';
import type { FormatContext, InputFormat } from '../format.js';
import { readContainer } from './container.js';
import { parseSchema } from './schema.js';

const OcfSpec = z.object({
  flattenSpec: jsonField,
  schema: jsonField,
  binaryAsString: flagField(false),
  extractUnionsByType: flagField(false),
});

/** Avro's object container files; `schema` is what their records are read as. */
export function readAvroOcfFormat(
  json: unknown,
  field: string,
  context: FormatContext,
): InputFormat {
  const { flattenSpec, schema, ...options } = readFields(OcfSpec, json, field);
  const flatten = readFlattenSpec(flattenSpec, `${field}.flattenSpec`, context);
  const reader =
    schema === undefined || schema === null ? null : parseSchema(schema, `${field}.schema`);
  return {
    type: 'avro_ocf',
    read: async function* (entity) {
      for await (const batch of readContainer(entity, reader, options)) yield flatten(batch);
    },
  };
}
