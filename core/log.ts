import { destination, type Logger as PinoLogger, pino } from 'pino';

/** Structured logs: `logger.info({ taskId }, 'task started')`. Facts go into the object, never secrets. */
export type Logger = PinoLogger;

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Becomes a field of every line. */
  readonly name?: string;
}

/**
 * A logger that writes JSON lines. They go to standard error, because standard output belongs to a
 * command's answer, and synchronously, so that the last words before an exit are not lost.
 */
export function createLogger(
  options: LoggerOptions,
  sink: { write(line: string): void } = destination({ fd: 2, sync: true }),
): Logger {
  const { level, name } = options;
  return pino({ level, base: name === undefined ? {} : { name } }, sink);
}

/** Says nothing. */
export const silentLogger: Logger = pino({ level: 'silent' });
