/**
 * What an error of PostgreSQL, or of the way to it, means for what was asked:
 *   conflict   the transaction was undone because of others that ran at the same time
 *   lost       the connection is gone, or the server takes none now
 *   refused    the server is there and does not let us in, or misses what the settings name
 *   failed     anything else: a statement is wrong, a row exists already …
 */
export type Trouble = 'conflict' | 'lost' | 'refused' | 'failed';

/** Serialization failure, deadlock, a lock that is not free, a statement that has waited too long. */
const CONFLICTS = new Set(['40001', '40P01', '55P03', '57014']);

/** Of Node, on the way to the server. */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
]);

/**
 * The server ends or starts (57P), has no connection left (53300), lost one (08), or ended one that did nothing (25P03); or
 * it is a standby that takes no writes (25006): the one that does is found by connecting anew.
 */
const LOST = /^(57P0[1-5]|53300|08...|25P03|25006)$/;

/** Password, role, database or schema. */
const REFUSED = /^(28...|3D000|3F000|42501)$/;

/** Errors of the client have no code. */
const LOST_TEXT =
  /^(Connection terminated|timeout e?xpired|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout|Client was closed)/i;

export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof Error)) return 'failed';
  // Where a host has several addresses, each has an error of its own.
  if (error instanceof AggregateError) return troubleOf(error.errors[0]);
  const code = 'code' in error ? String(error.code) : '';
  if (CONFLICTS.has(code)) return 'conflict';
  if (NETWORK.has(code) || LOST.test(code)) return 'lost';
  if (REFUSED.test(code)) return 'refused';
  return code === '' && LOST_TEXT.test(error.message) ? 'lost' : 'failed';
}

/** What is told of an error: those of several addresses have no message of their own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
