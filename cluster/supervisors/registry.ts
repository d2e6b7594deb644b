import type { JsonObject } from '../../core/index.js';
import { readerOfType } from '../../ingest/index.js';
import { readAutocompact } from './autocompact.js';
import type { Supervisor } from './supervisor.js';

/** One line per type of supervisor. */
const TYPES: ReadonlyMap<string, (json: JsonObject) => Supervisor> = new Map([
  ['autocompact', readAutocompact],
]);

const STREAMS: ReadonlySet<string> = new Set(['kafka', 'kinesis', 'rabbit']);

const INSTEAD = 'push rows to /v1/tables/{table}/push, or have a table compacted by an autocompact';

/** Reads a supervisor's spec. Throws UserError that names what is wrong with it. */
export const parseSupervisor = (json: JsonObject): Supervisor =>
  readerOfType('supervisor', json, '', TYPES, STREAMS, INSTEAD)(json);
