import { stringifyJson, utf8Encode } from '../../core/index.js';
import type { PushCommand, ReplayCommand, ReplayedLetter } from './command.js';
import type { PushFormat } from './types.js';

/** For tests: objects as a body of NDJSON; texts stand as they are. */
const ndjson = (rows: readonly (object | string)[]): Uint8Array =>
  utf8Encode(rows.map((row) => (typeof row === 'string' ? row : stringifyJson(row))).join('\n'));

/** For tests: a push of rows into table `t`. */
export const pushOf = (
  rows: readonly (object | string)[] | Uint8Array,
  others: Partial<PushCommand> = {},
): PushCommand => ({
  kind: 'push',
  table: 't',
  specVersion: 1,
  format: 'ndjson' satisfies PushFormat,
  columns: null,
  arrivalMs: 0,
  producer: null,
  sequence: null,
  key: null,
  ack: 'disk',
  body: rows instanceof Uint8Array ? rows : ndjson(rows),
  ...others,
});

/** For tests: a replay of letters of table `t`. */
export const replayOf = (
  letters: readonly (Partial<ReplayedLetter> & { readonly text: string })[],
  others: Partial<ReplayCommand> = {},
): ReplayCommand => ({
  kind: 'replay',
  table: 't',
  specVersion: 1,
  arrivalMs: 0,
  acceptLate: false,
  letters: letters.map(({ text, ...letter }, i) => ({
    letter: i,
    format: 'ndjson',
    truncated: false,
    raw: utf8Encode(text),
    ...letter,
  })),
  ...others,
});
