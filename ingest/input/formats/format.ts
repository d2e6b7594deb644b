import type { InputBatch } from '../batch.js';
import type { InputEntity, InputEnvironment } from '../sources/source.js';

/** What a format may know of the task that reads it. */
export interface FormatContext {
  /** Fields that the spec reads by their names. */
  readonly named: ReadonlySet<string>;
  /** Whether lists of the field keep their nulls: columns of texts have none in them, others do. */
  keepsNullElements(field: string): boolean;
  /** The field of the row's time. */
  readonly timeColumn: string | null;
}

/** Turns the bytes of one entity (file, text, response) into batches of records. */
export interface InputFormat {
  readonly type: string;
  /** Batches in input order, some thousand records each, each valid until the next; ends early when the consumer stops. */
  read(entity: InputEntity, environment: InputEnvironment): AsyncIterable<InputBatch>;
}
