import type { InputEntity } from '../input/sources/source.js';

const LINE_FEED = 10;

/**
 * The entity with a chunk for every line, so that formats of lines give a batch for each: only so are good and bad records
 * seen in the order in which they come.
 */
export const byLines = (entity: InputEntity): InputEntity => ({
  uri: entity.uri,
  sizeBytes: entity.sizeBytes,
  parts: () => entity.parts(),
  chunks: () => lines(entity.chunks()),
  bytes: () => entity.bytes(),
  ranges: () => entity.ranges(),
});

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    let start = 0;
    while (start < chunk.length) {
      const end = chunk.indexOf(LINE_FEED, start) + 1 || chunk.length;
      yield chunk.subarray(start, end);
      start = end;
    }
  }
}
