import { utf8Decode } from '../../core/index.js';
import { Json, type JsonValue } from '../../model/index.js';
import type { TextList } from '../encodings/vector.js';

/** The documents of a dictionary that are not null, by id, one parsed at a time. */
export function* documentsOf(
  texts: TextList,
): Generator<{ readonly id: number; readonly value: JsonValue }> {
  const offsets = new Uint32Array(texts.size + 1);
  let id = texts.hasNull ? 1 : 0;
  let start = 0;
  // A text lies in one chunk as a whole, and none is empty.
  for (const chunk of texts.chunks(offsets)) {
    for (let at = 0; at < chunk.length; id++) {
      const length = offsets[id + 1]! - start;
      const text = utf8Decode(chunk.subarray(at, at + length));
      yield { id, value: Json.ofText(text).value };
      at += length;
      start += length;
    }
  }
}
