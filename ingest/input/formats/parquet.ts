import { z } from 'zod';
import { flagField, jsonField, readFields } from '../../spec/fields.js';
import type { InputBatch } from '../batch.js';
import type { InputEntity } from '../sources/source.js';
import { type Flatten, readFlattenSpec } from './flatten/flatten-spec.js';
import type { FormatContext, InputFormat } from './format.js';

const ParquetSpec = z.object({ flattenSpec: jsonField, binaryAsString: flagField(false) });

/** Parquet; what reads it is loaded with the first file, since most tasks have none. */
export function readParquetFormat(
  json: unknown,
  field: string,
  context: FormatContext,
): InputFormat {
  const { flattenSpec, binaryAsString } = readFields(ParquetSpec, json, field);
  const flatten = readFlattenSpec(flattenSpec, `${field}.flattenSpec`, context);
  return { type: 'parquet', read: (entity) => readParquet(entity, flatten, binaryAsString) };
}

async function* readParquet(
  entity: InputEntity,
  flatten: Flatten,
  utf8: boolean,
): AsyncIterable<InputBatch> {
  const { readGroups } = await import('./parquet-groups.js');
  yield* readGroups(entity, flatten, utf8);
}
