import type { InputBatch } from '../batch.js';
import { linesOf } from '../lines.js';
import type { InputEntity } from '../sources/source.js';
import type { InputFormat } from './format.js';

/** Every line is a record with the one field `line`; empty lines too. */
export function readLinesFormat(): InputFormat {
  return { type: 'lines', read: readLines };
}

async function* readLines(entity: InputEntity): AsyncIterable<InputBatch> {
  for await (const { texts, bad, bytes } of linesOf(entity.chunks())) {
    yield { rowCount: texts.length, columns: new Map([['line', texts]]), bad, bytes };
  }
}
