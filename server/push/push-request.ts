import { stringifyJson, UserError, utf8Encode } from '../../core/index.js';
import {
  checkIdentity,
  checkTableName,
  type PushFormat,
  type PushRequest,
} from '../../ingest/index.js';
import { rowLine } from '../producer/row-line.js';

export interface PushOptions {
  /** Of bytes; objects have none. */
  readonly format?: PushFormat;
  /** Names of the columns of CSV without a header. */
  readonly columns?: readonly string[] | null;
  /** 'memory' is answered without waiting for the disk: such rows may be lost in a crash. */
  readonly ack?: 'disk' | 'memory';
  /** Who sends, and the number of the batch: pushing it again gives the first answer. */
  readonly producer?: string;
  readonly sequence?: number;
  /** Instead of a producer: pushing a batch under the same key again gives the first answer. */
  readonly key?: string;
}

const FORMATS: readonly unknown[] = ['ndjson', 'json', 'csv', 'arrow'] satisfies PushFormat[];
const ACKS: readonly unknown[] = ['disk', 'memory'];

/** A push of the library. Bytes are copied, since the memory of a push moves to another thread. Throws UserError. */
export function pushRequest(
  table: string,
  rows: readonly object[] | Uint8Array,
  options: PushOptions,
): PushRequest {
  const { format = 'ndjson', columns = null, ack = 'disk' } = options;
  const { producer = null, sequence = null, key = null } = options;
  checkTableName(table, 'table');
  checkIdentity({ producer, sequence, key });
  checkOneOf(FORMATS, format, 'format');
  checkOneOf(ACKS, ack, 'ack');
  const isBytes = rows instanceof Uint8Array;
  if (!isBytes && !Array.isArray(rows)) {
    throw new UserError('rows: want an array of objects, or bytes', 'request', 'rows');
  }
  const body = isBytes ? new Uint8Array(rows) : utf8Encode(rows.map(rowLine).join('\n'));
  if (body.length === 0) throw new UserError('rows: want one row or more; got none');
  const identity = { producer, sequence, key };
  return { table, format: isBytes ? format : 'ndjson', columns, body, ack, ...identity };
}

function checkOneOf(values: readonly unknown[], value: unknown, option: string): void {
  if (values.includes(value)) return;
  throw new UserError(
    `${option}: want one of ${values.join(', ')}; got ${stringifyJson(value)}`,
    'request',
    option,
  );
}
