import {
  CancelledError,
  CapacityError,
  ConflictError,
  CorruptLogError,
  CorruptSegmentError,
  CorruptSpillError,
  type ErrorFamily,
  FencedError,
  InternalError,
  NotFoundError,
  QueryTimeoutError,
  ResourceLimitError,
  UnavailableError,
  UnsupportedError,
  UserError,
  type UserErrorKind,
  VarveError,
} from './errors.js';
import { isJsonObject } from './json.js';

/** A typed error as plain data, so that it keeps its type across threads. */
export interface WireError {
  readonly family: ErrorFamily;
  readonly message: string;
  readonly stack: string;
  readonly context: Readonly<Record<string, string>>;
  readonly kind: UserErrorKind;
  readonly field: string;
  /** Of resourceLimit: limit and amount; of capacity: retryAfterMs; of corrupt: offset. */
  readonly numbers: readonly number[];
  /** Of corrupt: path and, of a segment file, column. */
  readonly texts: readonly string[];
}

const EMPTY: Omit<WireError, 'family' | 'message' | 'stack'> = {
  context: {},
  kind: 'request',
  field: '',
  numbers: [],
  texts: [],
};

/** Anything that is not a VarveError is a bug and becomes `internal`. */
export function encodeError(error: unknown): WireError {
  if (!(error instanceof VarveError)) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return { ...EMPTY, family: 'internal', message, stack: stack ?? '' };
  }
  const base: WireError = {
    ...EMPTY,
    family: error.family,
    message: error.message,
    stack: error.stack ?? '',
    context: error.context,
  };
  if (error instanceof UserError) return { ...base, kind: error.kind, field: error.field };
  if (error instanceof ResourceLimitError) return { ...base, numbers: [error.limit, error.amount] };
  if (error instanceof CapacityError) return { ...base, numbers: [error.retryAfterMs] };
  if (error instanceof CorruptSegmentError) {
    return { ...base, numbers: [error.offset], texts: [error.path, error.column] };
  }
  if (error instanceof CorruptLogError) {
    return { ...base, numbers: [error.offset], texts: [error.path] };
  }
  return base;
}

/** Whether it has the form of one, wherever it comes from. */
export function isWireError(value: unknown): value is WireError {
  if (!isJsonObject(value)) return false;
  const { family, message, stack, context, kind, field, numbers, texts } = value;
  return (
    typeof family === 'string' &&
    Object.hasOwn(REBUILD, family) &&
    [message, stack, kind, field].every((text) => typeof text === 'string') &&
    isJsonObject(context) &&
    Object.values(context).every((fact) => typeof fact === 'string') &&
    Array.isArray(numbers) &&
    numbers.every((number) => typeof number === 'number') &&
    Array.isArray(texts) &&
    texts.every((text) => typeof text === 'string')
  );
}

/** The error as it was thrown, with the stack of the thread that threw it. */
export function decodeError(wire: WireError): VarveError {
  const error = REBUILD[wire.family](wire);
  error.stack = wire.stack;
  return error;
}

const REBUILD: Readonly<Record<ErrorFamily, (wire: WireError) => VarveError>> = {
  user: ({ message, kind, field, context }) => new UserError(message, kind, field, context),
  notFound: ({ message, context }) => new NotFoundError(message, context),
  conflict: ({ message, context }) => new ConflictError(message, context),
  unsupported: ({ message, context }) => new UnsupportedError(message, context),
  resourceLimit: ({ message, numbers: [limit = 0, amount = 0] }) =>
    new ResourceLimitError(message, limit, amount),
  capacity: ({ message, numbers: [retryAfterMs = 0] }) => new CapacityError(message, retryAfterMs),
  timeout: ({ message, context }) => new QueryTimeoutError(message, context),
  cancelled: ({ message, context }) => new CancelledError(message, context),
  corrupt: rebuildCorrupt,
  unavailable: ({ message, context }) =>
    context.fencedBy === undefined
      ? new UnavailableError(message, context)
      : new FencedError(message, context.fencedBy),
  internal: ({ message, context }) => new InternalError(message, context),
};

/** Their constructors write the beginning of the message from the facts: it is told as it was. */
function rebuildCorrupt({ message, numbers, texts, context }: WireError): VarveError {
  const [offset = 0] = numbers;
  const [path = '', column = ''] = texts;
  const isSpill = texts.length === 0 && context.path !== undefined;
  const error = isSpill
    ? new CorruptSpillError(context.path!, Number(context.offset))
    : texts.length === 1
      ? new CorruptLogError(path, offset, '')
      : new CorruptSegmentError(path, offset, '', column);
  error.message = message;
  return error;
}
