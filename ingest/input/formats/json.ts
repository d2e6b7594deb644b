import { z } from 'zod';
import { parseJson, UserError } from '../../../core/index.js';
import { flagField, jsonField, readFields } from '../../spec/fields.js';
import type { InputBatch } from '../batch.js';
import { blocksOf } from '../lines.js';
import type { InputEntity } from '../sources/source.js';
import { type Flatten, readFlattenSpec } from './flatten/flatten-spec.js';
import type { FormatContext, InputFormat } from './format.js';
import { JsonReader } from './json-reader.js';
import { parseRelaxed, readFeatures } from './relaxed-json.js';

const JsonSpec = z.object({
  flattenSpec: jsonField,
  featureSpec: jsonField,
  keepNullColumns: flagField(false),
  assumeNewlineDelimited: flagField(false),
  // All readers of ours do what Druid has this one for.
  useJsonNodeReader: flagField(false),
});

/**
 * JSON objects: one on a line, several on a line, or one over several lines. 64-bit integers are exact.
 * A bad line costs no other record.
 */
export function readJsonFormat(json: unknown, field: string, context: FormatContext): InputFormat {
  const spec = readFields(JsonSpec, json, field);
  if (spec.assumeNewlineDelimited && spec.useJsonNodeReader) {
    throw new UserError(
      `${field}.useJsonNodeReader: true cannot go with assumeNewlineDelimited: true; set one of them to false`,
      'spec',
      `${field}.useJsonNodeReader`,
    );
  }
  const flatten = readFlattenSpec(spec.flattenSpec, `${field}.flattenSpec`, context);
  const features = readFeatures(spec.featureSpec ?? {}, `${field}.featureSpec`);
  const options = {
    parse: features.size === 0 ? parseJson : (text: string) => parseRelaxed(text, features),
    isLineByLine: spec.assumeNewlineDelimited,
  };
  const finish = (batch: InputBatch): InputBatch => {
    const flattened = flatten(batch);
    return spec.keepNullColumns ? { ...flattened, keepsNulls: true } : flattened;
  };
  const idle: JsonReader[] = [];
  return {
    type: 'json',
    read: async function* (entity) {
      // What was learned from one entity is of use for the next.
      const reader = idle.pop() ?? new JsonReader(context.timeColumn, options);
      yield* readJson(entity, reader, finish);
      // One that was left half-way is not used again.
      idle.push(reader);
    },
  };
}

async function* readJson(
  entity: InputEntity,
  reader: JsonReader,
  flatten: Flatten,
): AsyncIterable<InputBatch> {
  for await (const block of blocksOf(entity.chunks())) {
    for (const batch of reader.read(block)) yield flatten(batch);
  }
  for (const batch of reader.end()) yield flatten(batch);
}
