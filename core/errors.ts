/**
 * The error taxonomy. Every failure that leaves a room is one of these families; anything else
 * that is thrown is our own bug and is reported as `internal`.
 *
 *   user           the request is wrong: says which field, what came, what to change     4xx
 *   notFound       the thing named does not exist                                        404
 *   conflict       somebody else was first, or what is asked cannot follow what there is 409
 *   unsupported    valid Druid, refused or not built here: says what to use instead      501
 *   resourceLimit  a budget was reached: says limit, amount and remedy                   400
 *   capacity       too busy just now: come back later                                    429
 *   timeout        the deadline passed                                                   504
 *   cancelled      somebody cancelled the work                                           500
 *   corrupt        stored bytes are damaged: says file, offset and column                500
 *   unavailable    something needed is not reachable or not ready                        503
 *   internal       our own bug                                                           500
 */
export type ErrorFamily =
  | 'user'
  | 'notFound'
  | 'conflict'
  | 'unsupported'
  | 'resourceLimit'
  | 'capacity'
  | 'timeout'
  | 'cancelled'
  | 'corrupt'
  | 'unavailable'
  | 'internal';

/** The base of every typed error. `family` decides the HTTP status and the text of Druid's `error` field. */
export abstract class VarveError extends Error {
  abstract readonly family: ErrorFamily;
  /** Facts for machines (never secrets): field paths, limits, ids. */
  readonly context: Readonly<Record<string, string>>;

  constructor(message: string, context: Readonly<Record<string, string>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.context = context;
    this.name = new.target.name;
  }
}

/** What kind of text the user got wrong: decides Druid's legacy `error` code. */
export type UserErrorKind =
  | 'json'
  | 'query'
  | 'sqlParse'
  | 'sqlPlan'
  | 'context'
  | 'spec'
  | 'request';

/**
 * The caller's request cannot be met as written. `field` is a path such as `aggregations[0].fieldName`
 * (empty when the whole body is meant); the message names the field, the value and the remedy.
 */
export class UserError extends VarveError {
  readonly family = 'user';
  constructor(
    message: string,
    readonly kind: UserErrorKind = 'request',
    readonly field: string = '',
    context: Readonly<Record<string, string>> = {},
  ) {
    super(message, field === '' ? context : { field, ...context });
  }
}

/** A name (task, segment, column of SQL …) that does not exist. */
export class NotFoundError extends VarveError {
  readonly family = 'notFound';
}

/** What is asked cannot follow what there is now: somebody else was first, or it comes too late. */
export class ConflictError extends VarveError {
  readonly family = 'conflict';
}

/** A part of the API that is known and refused, or not built yet; the message says what to do instead. */
export class UnsupportedError extends VarveError {
  readonly family = 'unsupported';
}

/** A byte, row or count budget was reached. `limit` and `amount` share one unit, named in the message. */
export class ResourceLimitError extends VarveError {
  readonly family = 'resourceLimit';
  constructor(
    message: string,
    readonly limit: number,
    readonly amount: number,
  ) {
    super(message, { limit: String(limit), amount: String(amount) });
  }
}

/** No room for this work now; try again after `retryAfterMs`. */
export class CapacityError extends VarveError {
  readonly family = 'capacity';
  constructor(
    message: string,
    readonly retryAfterMs: number,
  ) {
    super(message);
  }
}

/** The deadline of a query passed. */
export class QueryTimeoutError extends VarveError {
  readonly family = 'timeout';
}

/** The query or task was cancelled by its owner or by a shutdown. */
export class CancelledError extends VarveError {
  readonly family = 'cancelled';
}

/** Stored bytes do not hold what their checksum or their directory says. Never answered from. */
export class CorruptSegmentError extends VarveError {
  readonly family = 'corrupt';
  constructor(
    readonly path: string,
    readonly offset: number,
    detail: string,
    readonly column = '',
  ) {
    super(
      `segment file ${path} is damaged at byte ${offset}${column === '' ? '' : `, column "${column}"`}: ${detail}`,
      { path, offset: String(offset), ...(column === '' ? {} : { column }) },
    );
  }
}

/** The ingest log does not hold what it must: acknowledged rows may be lost. Never read past in silence. */
export class CorruptLogError extends VarveError {
  readonly family = 'corrupt';
  constructor(
    /** Of a file, or of the directory when a file is missing. */
    readonly path: string,
    readonly offset: number,
    detail: string,
  ) {
    super(`ingest log ${path} is damaged at byte ${offset}: ${detail}`, {
      path,
      offset: String(offset),
    });
  }
}

/** Groups that a query wrote to disk are not what it reads there. The query fails; nothing that lasts is damaged. */
export class CorruptSpillError extends VarveError {
  readonly family = 'corrupt';
  constructor(path: string, offset: number) {
    super(
      `groups of the query in ${path} are damaged at byte ${offset}: the checksum does not match; ask again, and have the disk looked at`,
      { path, offset: String(offset) },
    );
  }
}

/** Bytes that do not hold the structure they should; the caller adds which file they came from. */
export class CorruptBytesError extends VarveError {
  readonly family = 'corrupt';
  constructor(
    /** Where in the bytes the trouble begins. */
    readonly offset: number,
    readonly detail: string,
  ) {
    super(`damaged bytes at offset ${offset}: ${detail}`, { offset: String(offset) });
  }
}

/** A serialised sketch that is cut, malformed or of an unknown version. */
export class CorruptSketchError extends VarveError {
  readonly family = 'corrupt';
  constructor(sketch: string, detail: string) {
    super(`damaged ${sketch} sketch: ${detail}`, { sketch });
  }
}

/** A disk, store or peer that is needed is not there now. */
export class UnavailableError extends VarveError {
  readonly family = 'unavailable';
}

/**
 * Somebody else has taken the place of who asks: another leader leads, another process has the name of this node.
 * Nothing was changed. Who is told so must stop to act in that place.
 */
export class FencedError extends VarveError {
  readonly family = 'unavailable';
  constructor(
    message: string,
    /** Of the lease or the node. */
    readonly fencedBy: string,
  ) {
    super(message, { fencedBy });
  }
}

/** An impossible state: our own bug. */
export class InternalError extends VarveError {
  readonly family = 'internal';
}

/** Throws InternalError unless `condition` holds. Stays on in production. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InternalError(`invariant broken: ${message}`);
}
