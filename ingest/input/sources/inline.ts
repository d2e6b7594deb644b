import { z } from 'zod';
import { utf8Encode } from '../../../core/index.js';
import { readFields } from '../../spec/fields.js';
import { StreamEntity } from './entity.js';
import type { ByteSource, InputEntity, InputEnvironment } from './source.js';

const InlineSpec = z.object({ data: z.string({ error: 'must be given, as text' }) });

const CHUNK_CHARACTERS = 1024 * 1024;

export function readInline(json: unknown, field: string): ByteSource {
  return new InlineSource(readFields(InlineSpec, json, field).data);
}

/** Rows written in the spec itself. */
class InlineSource implements ByteSource {
  readonly type = 'inline';

  constructor(private readonly data: string) {}

  check(): void {}

  entities({ maxEntityBytes }: InputEnvironment): readonly InputEntity[] {
    const { data } = this;
    return [
      new StreamEntity({
        uri: 'inline',
        name: 'inline',
        sizeBytes: Buffer.byteLength(data),
        maxBytes: maxEntityBytes,
        stored: () => encoded(data),
      }),
    ];
  }
}

async function* encoded(text: string): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + CHUNK_CHARACTERS, text.length);
    // A surrogate pair is one character of UTF-8: never cut it.
    if (isHighSurrogate(text.charCodeAt(end - 1)) && end < text.length) end++;
    yield utf8Encode(text.slice(start, end));
    start = end;
  }
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
