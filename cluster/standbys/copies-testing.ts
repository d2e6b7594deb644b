import type { LogCopies } from '../../ingest/testing.js';
import type { KeptLogsOptions } from './kept-logs.js';

/** For tests: copies as their thread gives them, without one. */
export const inThisThread = (copies: LogCopies): KeptLogsOptions['copies'] => ({
  directoryOf: (log) => copies.directoryOf(log),
  list: async () => copies.list(),
  begin: async ({ log, session }, start) => copies.begin(log, session, start),
  append: async ({ log, session }, group) => copies.append(log, session, group),
  trim: async ({ log, session }, before) => copies.trim(log, session, before),
  close: async (log) => copies.close(log),
  remove: async (log) => copies.remove(log),
});
