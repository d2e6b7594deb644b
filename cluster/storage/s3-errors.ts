import { VarveError } from '../../core/index.js';
import { ObjectStoreUnavailableError } from './object-store.js';

/** What the SDK tells of an answer, and Node of a connection. */
interface Told {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const HINTS: Readonly<Record<string, string>> = {
  NoSuchBucket: 'the bucket does not exist: create it, or correct deepStorage.bucket',
  InvalidAccessKeyId: 'the access key is not known there: correct deepStorage.credentials',
  SignatureDoesNotMatch: 'the secret key is not right: correct deepStorage.credentials',
  AccessDenied:
    'access is denied: the key needs to list, get, put and delete objects in the bucket',
  CredentialsProviderError:
    'no credentials were found: give deepStorage.credentials, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  PermanentRedirect: 'the bucket is elsewhere: correct deepStorage.region or deepStorage.endpoint',
  AuthorizationHeaderMalformed: 'the region is not right: correct deepStorage.region',
  ECONNREFUSED: 'nothing listens there: look whether it runs, or correct deepStorage.endpoint',
  ENOTFOUND: 'the name of the host is not known: correct deepStorage.endpoint',
  SlowDown: 'it asks to go slower',
};

/** Errors of the client that a second attempt may not meet: bytes that were damaged or lost on their way, and the like. */
const TRANSIENT: ReadonlySet<string> = new Set([
  'BadDigest',
  'XAmzContentSHA256Mismatch',
  'IncompleteBody',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'SlowDown',
  'ConditionalRequestConflict',
  'OperationAborted',
  'TimeoutError',
]);

/** Of an error of the SDK, or of ours that was made of it. */
const told = (error: unknown): Told =>
  ((error instanceof VarveError ? error.cause : error) ?? {}) as Told;

export const statusOf = (error: unknown): number | undefined =>
  told(error).$metadata?.httpStatusCode;

export const nameOf = (error: unknown): string => told(error).name ?? '';

/** Our error for one of the SDK's. Says nothing that the server says in its own words: it may quote what it was sent. */
export function s3Error(where: string, error: unknown): VarveError {
  if (error instanceof VarveError) return error;
  const { name = 'Error', code } = told(error);
  const status = statusOf(error);
  // Without an answer it is the connection that failed, or the answer that was cut.
  const isAnswer = status !== undefined && status >= 300;
  const isTransient =
    TRANSIENT.has(name) ||
    (isAnswer ? status >= 500 || status === 429 : name !== 'CredentialsProviderError');
  const word = isAnswer || code === undefined ? name : code;
  const hint =
    HINTS[word] ??
    HINTS[name] ??
    (isAnswer ? 'look at its log' : 'the connection failed: look at the network and the server');
  const answer = isAnswer ? `${word}, status ${status}` : word;
  return new ObjectStoreUnavailableError(
    `deep storage in ${where} (${answer}): ${hint}`,
    isTransient,
    error,
  );
}
