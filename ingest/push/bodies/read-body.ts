import type { PushFormat } from '../types.js';
import { readArrow } from './arrow.js';
import type { BodyOptions, BodyRows } from './body.js';
import { readCsv } from './csv.js';
import { readJson } from './json.js';
import { readNdjson } from './ndjson.js';

type BodyReader = (body: Uint8Array, options: BodyOptions) => BodyRows;

/** One line per format of pushes. */
const READERS: Readonly<Record<PushFormat, BodyReader>> = {
  ndjson: readNdjson,
  json: readJson,
  csv: readCsv,
  arrow: readArrow,
};

/** The rows of a body. Never throws for what the body holds: a row that cannot be read is a bad row. */
export const readBody = (format: PushFormat, body: Uint8Array, options: BodyOptions): BodyRows =>
  READERS[format](body, options);
