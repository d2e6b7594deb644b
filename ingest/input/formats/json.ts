import { z } from 'zod';
import { jsonField, readFields } from '../../spec/fields.js';
import type { InputBatch } from '../batch.js';
import { blocksOf } from '../lines.js';
import type { InputEntity } from '../sources/source.js';
import { type Flatten, readFlattenSpec } from './flatten/flatten-spec.js';
import type { FormatContext, InputFormat } from './format.js';
import { JsonReader } from './json-reader.js';

const JsonSpec = z.object({ flattenSpec: jsonField });

/**
 * JSON objects: one on a line, several on a line, or one over several lines. 64-bit integers are exact.
 * A bad line costs no other record.
 */
export function readJsonFormat(
  json: unknown,
  field: string,
  { named, timeColumn }: FormatContext,
): InputFormat {
  const { flattenSpec } = readFields(JsonSpec, json, field);
  const flatten = readFlattenSpec(flattenSpec, `${field}.flattenSpec`, named);
  const idle: JsonReader[] = [];
  return {
    type: 'json',
    read: async function* (entity) {
      // What was learned from one entity is of use for the next.
      const reader = idle.pop() ?? new JsonReader(timeColumn);
      yield* readJson(entity, reader, flatten);
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
