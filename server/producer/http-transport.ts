import {
  CapacityError,
  ConflictError,
  isJsonObject,
  NotFoundError,
  parseJson,
  UnavailableError,
  UnsupportedError,
  UserError,
  type VarveError,
} from '../../core/index.js';
import type { PushAnswer, PushFormat } from '../../ingest/index.js';
import type { Transport } from './transport.js';

export interface HttpOptions {
  /** How long one request may take before it is tried again (60 s). */
  readonly timeoutMs?: number;
  /** Beside our own, for example those of a proxy. */
  readonly headers?: Readonly<Record<string, string>>;
}

const CONTENT_TYPES: Readonly<Record<PushFormat, string>> = {
  ndjson: 'application/x-ndjson',
  json: 'application/json',
  csv: 'text/csv',
  arrow: 'application/vnd.apache.arrow.stream',
};

/** Pushes to the server at `url`. */
export function httpTransport(
  url: string,
  { timeoutMs = 60_000, headers = {} }: HttpOptions,
): Transport {
  const base = url.replace(/\/$/, '');
  return async ({ table, format, body, producer, sequence, ack }) => {
    const path = `${base}/v1/tables/${encodeURIComponent(table)}/rows?ack=${ack}`;
    const identity = {
      'x-varve-producer': String(producer),
      'x-varve-sequence': String(sequence),
    };
    let response: Response;
    let text: string;
    try {
      response = await fetch(path, {
        method: 'POST',
        headers: { ...headers, 'content-type': CONTENT_TYPES[format], ...identity },
        body,
        signal: AbortSignal.timeout(timeoutMs),
      });
      text = await response.text();
    } catch (error) {
      throw new UnavailableError(`no answer from ${base}: ${reasonOf(error)}`, {}, error);
    }
    if (!response.ok) throw errorOf(response, text);
    return answerOf(text, base);
  };
}

function answerOf(text: string, base: string): PushAnswer {
  const answer = parsed(text);
  if (isJsonObject(answer) && typeof answer.received === 'number') {
    return answer as unknown as PushAnswer;
  }
  throw new UnavailableError(`${base} gave no answer to a push: ${text.slice(0, 100)}`);
}

/** What the server refused, as the error that it is. Its own failures may pass: the same batch is tried again. */
function errorOf(response: Response, text: string): VarveError {
  const { status } = response;
  const body = parsed(text);
  const said = isJsonObject(body) ? (body.errorMessage ?? body.error) : undefined;
  const message = `${status} from the server: ${said ?? text.slice(0, 500)}`;
  if (status === 429) return new CapacityError(message, retryAfterMs(response));
  if (status === 404) return new NotFoundError(message);
  if (status === 409) return new ConflictError(message);
  if (status === 501) return new UnsupportedError(message);
  if (status === 408 || status >= 500) return new UnavailableError(message);
  return new UserError(message);
}

function retryAfterMs({ headers }: Response): number {
  const seconds = Number(headers.get('retry-after') ?? '1');
  return Number.isFinite(seconds) ? seconds * 1000 : 1000;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null; // A proxy's page: its text says most.
  }
}

/** What undici says is in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message || String(cause) : message;
}
