import { isJsonObject, type JsonObject, stringifyJson } from '../../core/index.js';
import { formatInstant } from '../../model/index.js';
import type { Client } from './client.js';
import { textTable } from './table.js';

const TIMEOUT_MS = 15_000;

/** Of a record that is not stored. */
const MAX_SHOWN_CHARS = 120;

interface Sample {
  readonly numRowsRead: number;
  readonly logicalSegmentSchema: readonly { readonly name: string; readonly type: string }[];
  readonly data: readonly SampledEntry[];
}

interface SampledEntry {
  readonly input?: JsonObject;
  readonly parsed?: JsonObject;
  readonly unparseable?: true;
  readonly dropped?: true;
  readonly error?: string;
}

/** Shows what a task would make of its first rows: the server reads them, and writes nothing. */
export async function dryRun(client: Client, spec: JsonObject, rows: number): Promise<string> {
  const samplerConfig = { numRows: rows, timeoutMs: TIMEOUT_MS, showDropped: true };
  const answer = await client.post('/druid/indexer/v1/sampler', { ...spec, samplerConfig });
  return sampleText(answer as Sample);
}

/** The rows as a table with types; then those that are lost, thrown away or stored with nulls, and why. */
export function sampleText({ numRowsRead, logicalSegmentSchema: schema, data }: Sample): string {
  const stored = data.filter(({ parsed }) => parsed !== undefined);
  const troubled = data.filter(({ error }) => error !== undefined);
  const header = schema.map(({ name, type }) => `${name} ${type}`);
  const cells = stored.map(({ parsed }) => schema.map(({ name }) => cell(name, parsed?.[name])));
  const lost = troubled.filter(({ parsed, dropped }) => parsed === undefined && !dropped);
  const dropped = troubled.filter((entry) => entry.dropped === true);
  const merged = numRowsRead - stored.length - lost.length - dropped.length;
  const counts =
    `${numRowsRead} rows read: ${stored.length} would be stored, ${merged} rolled up into them, ` +
    `${dropped.length} thrown away, ${lost.length} lost; nothing was written`;
  const why = troubled.map((entry) => [fateOf(entry), entry.error, recordText(entry)]);
  return [
    textTable(header, cells),
    ...(why.length === 0 ? [] : ['', textTable(['row', 'why', 'record'], why)]),
    '',
    counts,
  ].join('\n');
}

const cell = (name: string, value: unknown): unknown =>
  name === '__time' && typeof value === 'number' ? formatInstant(value) : value;

function fateOf({ parsed, dropped }: SampledEntry): string {
  if (dropped === true) return 'thrown away';
  return parsed === undefined ? 'lost' : 'stored with nulls';
}

function recordText({ input }: SampledEntry): string {
  const text = isJsonObject(input) ? stringifyJson(input) : '';
  return text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text;
}
