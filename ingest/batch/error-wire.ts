import {
  CancelledError,
  CapacityError,
  CorruptSegmentError,
  type ErrorFamily,
  InternalError,
  NotFoundError,
  QueryTimeoutError,
  ResourceLimitError,
  UnavailableError,
  UnsupportedError,
  UserError,
  type UserErrorKind,
  VarveError,
} from '../../core/index.js';

/** An error as plain data that a thread can be sent. */
export interface ErrorMessage {
  readonly family: ErrorFamily;
  readonly message: string;
  readonly stack: string | undefined;
  readonly context: Readonly<Record<string, string>>;
  /** Of a user error. */
  readonly kind: UserErrorKind;
  readonly field: string;
}

/** What is no typed error is our own bug and goes as `internal`. */
export function toErrorMessage(error: unknown): ErrorMessage {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const isTyped = error instanceof VarveError;
  return {
    family: isTyped ? error.family : 'internal',
    message,
    stack,
    context: isTyped ? error.context : {},
    kind: error instanceof UserError ? error.kind : 'request',
    field: error instanceof UserError ? error.field : '',
  };
}

/** The error of the same family, message and stack. */
export function fromErrorMessage(sent: ErrorMessage): VarveError {
  const error = MAKERS[sent.family](sent);
  error.message = sent.message;
  if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
}

const MAKERS: Readonly<Record<ErrorFamily, (sent: ErrorMessage) => VarveError>> = {
  user: ({ message, kind, field, context }) => new UserError(message, kind, field, context),
  notFound: ({ message, context }) => new NotFoundError(message, context),
  unsupported: ({ message, context }) => new UnsupportedError(message, context),
  resourceLimit: ({ message, context }) =>
    new ResourceLimitError(message, Number(context.limit), Number(context.amount)),
  // Ingestion answers nobody who could be asked to come back later.
  capacity: ({ message }) => new CapacityError(message, 0),
  timeout: ({ message, context }) => new QueryTimeoutError(message, context),
  cancelled: ({ message, context }) => new CancelledError(message, context),
  corrupt: ({ context }) =>
    new CorruptSegmentError(context.path ?? '', Number(context.offset), '', context.column),
  unavailable: ({ message, context }) => new UnavailableError(message, context),
  internal: ({ message, context }) => new InternalError(message, context),
};
