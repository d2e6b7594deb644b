import { z } from 'zod';
import { flagField, jsonField, readFields } from '../../../spec/fields.js';
import { readFlattenSpec } from '../flatten/flatten-spec.js';
import type { FormatContext, InputFormat } from '../format.js';
import { readOrcFile } from './orc-file.js';

const OrcSpec = z.object({ flattenSpec: jsonField, binaryAsString: flagField(false) });

/** Apache ORC. */
export function readOrcFormat(json: unknown, field: string, context: FormatContext): InputFormat {
  const { flattenSpec, binaryAsString } = readFields(OrcSpec, json, field);
  const flatten = readFlattenSpec(flattenSpec, `${field}.flattenSpec`, context);
  return {
    type: 'orc',
    read: async function* (entity) {
      for await (const batch of readOrcFile(entity, binaryAsString)) yield flatten(batch);
    },
  };
}
