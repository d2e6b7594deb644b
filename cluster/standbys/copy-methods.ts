import { ConflictError } from '../../core/index.js';
import type { CopySession } from '../../ingest/index.js';
import type { CallContext, NodeMethod } from '../transport/types.js';
import { readGroup, readStart, readTrim } from './copy-wire.js';
import type { KeptLogs } from './kept-logs.js';

export const BEGIN_COPY = 'log/begin-copy';
export const APPEND_TO_COPY = 'log/append-to-copy';
export const TRIM_COPY = 'log/trim-copy';

const ROLES = { servedBy: ['realtime'], calledBy: ['realtime'] } as const;

/** How a realtime node keeps copies of the logs of others, as their nodes write them. */
export const copyMethods = (
  kept: Pick<KeptLogs, 'begin' | 'append' | 'trim'>,
  /** Of a group, and of what is known of all tables. */
  maxBytes: number,
): NodeMethod[] => [
  {
    name: BEGIN_COPY,
    ...ROLES,
    maxRequestBytes: maxBytes,
    async handle(request, context) {
      const { copy, start } = await readStart(request);
      checkWriter(copy, context);
      await kept.begin(copy, start);
      return { message: null };
    },
  },
  {
    name: APPEND_TO_COPY,
    ...ROLES,
    maxRequestBytes: maxBytes,
    async handle(request, context) {
      const { copy, group } = await readGroup(request);
      checkWriter(copy, context);
      await kept.append(copy, group);
      return { message: null };
    },
  },
  {
    name: TRIM_COPY,
    ...ROLES,
    async handle({ message }, context) {
      const { copy, before } = readTrim(message);
      checkWriter(copy, context);
      await kept.trim(copy, before);
      return { message: null };
    },
  },
];

/** The log of a node has its name. */
function checkWriter({ log }: CopySession, { caller }: CallContext): void {
  if (caller.name === log) return;
  throw new ConflictError(`the node "${caller.name}" does not write the log "${log}"`);
}
