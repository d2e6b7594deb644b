import { z } from 'zod';
import { utf8Encode } from '../../../core/index.js';
import { readFields, requiredText } from '../../spec/fields.js';
import type { InputEntity, InputSource } from './source.js';

const Inline = z.object({ data: requiredText });

/** Rows that stand in the spec itself. */
export function readInline(json: unknown, field: string): InputSource {
  const { data } = readFields(Inline, json, field);
  return { type: 'inline', check: () => undefined, entities: () => [inlineEntity(data)] };
}

function inlineEntity(data: string): InputEntity {
  const bytes = utf8Encode(data);
  return {
    uri: 'inline data',
    sizeBytes: bytes.length,
    async *chunks() {
      yield bytes;
    },
    bytes: async () => bytes,
  };
}
