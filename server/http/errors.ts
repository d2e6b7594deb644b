import {
  CapacityError,
  type ErrorFamily,
  type JsonObject,
  UserError,
  VarveError,
} from '../../core/index.js';
import { shownLookups } from '../../model/index.js';

/** How one family of errors is told over HTTP: the status, Druid's legacy `error` text, and the newer fields. */
interface HttpShape {
  readonly status: 400 | 404 | 408 | 409 | 413 | 415 | 429 | 500 | 501 | 503 | 504;
  readonly error: string;
  readonly category: string;
  readonly persona: 'USER' | 'OPERATOR';
}

const SHAPES: Readonly<Record<ErrorFamily, HttpShape>> = {
  user: { status: 400, error: 'Unknown exception', category: 'INVALID_INPUT', persona: 'USER' },
  notFound: { status: 404, error: 'Not found', category: 'NOT_FOUND', persona: 'USER' },
  conflict: { status: 409, error: 'Conflict', category: 'CONFLICT', persona: 'USER' },
  unsupported: {
    status: 501,
    error: 'Unsupported operation',
    category: 'UNSUPPORTED',
    persona: 'USER',
  },
  resourceLimit: {
    status: 400,
    error: 'Resource limit exceeded',
    category: 'CAPACITY_EXCEEDED',
    persona: 'USER',
  },
  capacity: {
    status: 429,
    error: 'Query capacity exceeded',
    category: 'CAPACITY_EXCEEDED',
    persona: 'USER',
  },
  timeout: { status: 504, error: 'Query timeout', category: 'TIMEOUT', persona: 'USER' },
  cancelled: { status: 500, error: 'Query cancelled', category: 'CANCELED', persona: 'USER' },
  corrupt: {
    status: 500,
    error: 'Unknown exception',
    category: 'RUNTIME_FAILURE',
    persona: 'OPERATOR',
  },
  unavailable: {
    status: 503,
    error: 'Unknown exception',
    category: 'RUNTIME_FAILURE',
    persona: 'OPERATOR',
  },
  internal: { status: 500, error: 'Unknown exception', category: 'DEFENSIVE', persona: 'OPERATOR' },
};

const UNSUPPORTED_SQL: HttpShape = {
  ...SHAPES.unsupported,
  status: 400,
  error: 'SQL query is unsupported',
};

/** Families that the operator should know of; the others concern only the caller. */
const ALARMING: ReadonlySet<ErrorFamily> = new Set(['corrupt', 'unavailable', 'internal']);

/** Whether a failure belongs into the server's log. */
export const isAlarming = (thrown: unknown): boolean =>
  !(thrown instanceof VarveError) || ALARMING.has(thrown.family);

/** Druid's legacy `error` text of each kind of user error. */
const LEGACY_USER_ERROR: Readonly<Record<UserError['kind'], string>> = {
  json: 'Json parse failed',
  query: 'Unknown exception',
  sqlParse: 'SQL parse failed',
  sqlPlan: 'Plan validation failed',
  context: 'Query context parse failed',
  spec: 'Invalid task spec',
  request: 'Bad request',
};

/** A request that HTTP has a status of its own for. */
export class RequestRefused extends UserError {
  constructor(
    readonly status: keyof typeof REFUSALS,
    message: string,
    field = '',
  ) {
    super(message, 'request', field);
  }
}

/** The legacy `error` text of each. */
const REFUSALS = {
  408: 'Request timeout',
  413: 'Request too large',
  415: 'Unsupported media type',
} as const;

/** `setting` is the one that holds the limit. */
export const tooLarge = (maxBytes: number, setting: string): RequestRefused =>
  new RequestRefused(
    413,
    `the request body is larger than ${maxBytes} bytes; send less, or raise ${setting}`,
  );

export interface HttpError {
  readonly status: HttpShape['status'];
  readonly body: JsonObject;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The HTTP answer to a failure: Druid's legacy fields (`error`, `errorMessage`, `errorClass`,
 * `host`) and its newer ones (`errorCode`, `persona`, `category`, `context`) in one body, because
 * clients read one or the other. What is not a VarveError, or an internal one, is our own bug: its
 * text stays in the log.
 * A SQL statement that is not supported is the caller's to change: Druid answers 400, not 501.
 */
export function httpError(thrown: unknown, isSql = false): HttpError {
  if (!(thrown instanceof VarveError) || thrown.family === 'internal') {
    return toHttp(SHAPES.internal, 'internal error; the server log has the details', 'Error', {});
  }
  const answer = toHttp(shapeOf(thrown, isSql), thrown.message, thrown.name, thrown.context);
  const waitMs = retryAfterMs(thrown);
  return waitMs === null
    ? answer
    : { ...answer, headers: { 'Retry-After': String(Math.ceil(waitMs / 1000)) } };
}

/** What is not there just now is asked for again soon. */
const UNAVAILABLE_RETRY_MS = 1000;

function retryAfterMs(thrown: VarveError): number | null {
  if (thrown instanceof CapacityError) return thrown.retryAfterMs;
  return thrown.family === 'unavailable' ? UNAVAILABLE_RETRY_MS : null;
}

function shapeOf(error: VarveError, isSql: boolean): HttpShape {
  if (isSql && error.family === 'unsupported') return UNSUPPORTED_SQL;
  const shape = SHAPES[error.family];
  if (error instanceof RequestRefused) {
    return { ...shape, status: error.status, error: REFUSALS[error.status] };
  }
  return error instanceof UserError ? { ...shape, error: LEGACY_USER_ERROR[error.kind] } : shape;
}

function toHttp(
  shape: HttpShape,
  message: string,
  errorClass: string,
  context: Readonly<Record<string, string>>,
): HttpError {
  const body = {
    error: shape.error,
    errorMessage: shownLookups(message),
    errorClass,
    host: null,
    errorCode: 'legacyQueryException',
    persona: shape.persona,
    category: shape.category,
    context: { ...context, legacyErrorCode: shape.error },
  };
  return { status: shape.status, body, headers: {} };
}
