import { type JsonObject, UserError } from '../../core/index.js';
import { shown } from '../../ingest/index.js';
import { readAutocompact } from './autocompact.js';
import type { Supervisor } from './supervisor.js';

/** One line per type of supervisor. */
const TYPES: ReadonlyMap<string, (json: JsonObject) => Supervisor> = new Map([
  ['autocompact', readAutocompact],
]);

/** Of Druid, and not built yet. */
const STREAMS: ReadonlySet<unknown> = new Set(['kafka', 'kinesis', 'rabbit']);

/** Reads a supervisor's spec. Throws UserError that names what is wrong with it. */
export function parseSupervisor(json: JsonObject): Supervisor {
  const { type } = json;
  const read = typeof type === 'string' ? TYPES.get(type) : undefined;
  if (read !== undefined) return read(json);
  const known = [...TYPES.keys()].join(', ');
  const remedy = STREAMS.has(type)
    ? '; streams are not read yet: push rows to /v1/tables/{table}/push'
    : '';
  const why = `want the type of the supervisor, one of ${known}${remedy}; got ${shown(type)}`;
  throw new UserError(`type: ${why}`, 'spec', 'type');
}
