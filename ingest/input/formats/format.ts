import type { InputBatch } from '../batch.js';
import type { InputEntity } from '../sources/source.js';

/** Turns the bytes of one entity (file, text, response) into batches of records. */
export interface InputFormat {
  readonly type: string;
  /** Batches in input order, some thousand records each; ends early when the consumer stops. */
  read(entity: InputEntity): AsyncIterable<InputBatch>;
}
