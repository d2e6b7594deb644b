import type { PushFormat } from '../../ingest/index.js';
import { RequestRefused } from './errors.js';

const FORMATS: ReadonlyMap<string, PushFormat> = new Map([
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
  ['application/json', 'json'],
  ['text/csv', 'csv'],
  ['application/vnd.apache.arrow.stream', 'arrow'],
  ['application/vnd.apache.arrow.file', 'arrow'],
]);

/** What clients send when nobody told them what the body is. */
const UNTOLD: ReadonlySet<string> = new Set([
  '',
  'application/octet-stream',
  'text/plain',
  'application/x-www-form-urlencoded',
]);

/** The format that a `Content-Type` names; null when the body has to tell. Throws a UserError that is a 415. */
export function declaredFormat(contentType: string | undefined): PushFormat | null {
  const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (UNTOLD.has(type)) return null;
  const format = FORMATS.get(type);
  if (format !== undefined) return format;
  throw new RequestRefused(
    415,
    `Content-Type: want one of ${[...FORMATS.keys()].join(', ')}; got ${JSON.stringify(contentType)}`,
    'Content-Type',
  );
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** An Arrow stream begins with a continuation mark, an Arrow file with a magic. */
const ARROW_STREAM = [0xff, 0xff, 0xff, 0xff];
const ARROW_FILE = [...'ARROW1'].map((letter) => letter.charCodeAt(0));

/** The format of a body that nobody named, by its first byte that is not blank. */
export function formatOfBody(body: Uint8Array): PushFormat {
  if (beginsWith(body, 0, ARROW_STREAM) || beginsWith(body, 0, ARROW_FILE)) return 'arrow';
  let at = beginsWith(body, 0, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  while (at < body.length && isBlank(body[at]!)) at++;
  if (body[at] === 0x5b) return 'json';
  return body[at] === 0x7b ? 'ndjson' : 'csv';
}

const beginsWith = (body: Uint8Array, at: number, bytes: readonly number[]): boolean =>
  bytes.every((byte, i) => body[at + i] === byte);

const isBlank = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
