import { type Clock, type Disk, type Logger, VarveError } from '../core/index.js';
import { QueryLog } from '../query/index.js';
import type { Config } from './config.js';
import type { Duty } from './duties.js';

/** The log of what is asked, kept at `path`; null where the configuration wants none. */
export function openQueryLog(
  { enabled, maxShapes, keep }: Config['queryLog'],
  path: string,
  disk: Disk,
  clock: Clock,
  logger: Logger,
): QueryLog | null {
  if (!enabled) return null;
  return new QueryLog({
    disk,
    path,
    clock,
    logger,
    maxShapes,
    keepMs: keep,
    soon: (run) => void setImmediate(run),
  });
}

/** Writes the log now and then. */
export const queryLogDuty = (log: QueryLog | null): Duty => ({
  name: 'query log',
  run: async () => log?.write(),
});

/** Writes it for the last time. What is lost where that fails is advice only. */
export function closeQueryLog(log: QueryLog | null, logger: Logger): void {
  try {
    log?.write();
  } catch (error) {
    if (!(error instanceof VarveError)) throw error;
    logger.warn({ err: error }, 'the query log is not written');
  }
}
