import { CancelledError, CorruptBytesError, InternalError, type Timers } from '../../core/index.js';
import { callHeaders, HEADER } from './call-headers.js';
import { CallScope, unlessAborted, untilAborted } from './call-scope.js';
import { bodyOf, readBody, wholeBody } from './frames.js';
import {
  type Answer,
  type CallOptions,
  type CarriedAnswer,
  type Carrier,
  type Incoming,
  type NodeIdentity,
  type Outgoing,
  PeerUnavailableError,
} from './types.js';

const DEFAULT_MAX_ANSWER_BYTES = 256 << 20;

export interface NodeClientOptions {
  readonly self: NodeIdentity;
  readonly cluster: string;
  readonly secret: string;
  readonly timers: Timers;
}

/**
 * Calls other nodes. Errors that the other side threw are thrown here with their type; one that cannot be reached, or
 * breaks off, is a PeerUnavailableError; the deadline a QueryTimeoutError.
 */
export class NodeClient {
  constructor(
    private readonly carrier: Carrier,
    private readonly options: NodeClientOptions,
  ) {}

  /** Resolves when the message of the answer is there; its frames are then read, or it is closed. */
  async call(
    url: string,
    method: string,
    request: Outgoing,
    { deadlineMs, signal: owner, maxAnswerBytes = DEFAULT_MAX_ANSWER_BYTES }: CallOptions,
  ): Promise<Answer> {
    const { self, cluster, secret, timers } = this.options;
    const what = `${method} of node ${url}`;
    const scope = new CallScope(what, deadlineMs, owner, timers);
    const { signal } = scope;
    const close = () => scope.cancel(new CancelledError(`${what}: the answer is not wanted`));
    const headers = { ...callHeaders(self, cluster, deadlineMs), [HEADER.secret]: secret };
    try {
      signal.throwIfAborted();
      const body = request.frames === undefined ? wholeBody(request.message) : bodyOf(request);
      const sent = this.carrier.send(url, { method, headers, body, signal });
      const carried = await unlessAborted(sent, signal);
      const pieces = untilAborted(bodyPieces(url, carried), signal);
      const { message, frames } = await readWhole(url, readBody(pieces, maxAnswerBytes));
      return { message, frames: framesOf(url, frames, scope, close), close };
    } catch (error) {
      // Also ends what was sent or is read still, if it failed in between.
      close();
      throw error;
    }
  }

  /** A call whose answer is a message alone. */
  async ask(url: string, method: string, message: unknown, options: CallOptions): Promise<unknown> {
    const answer = await this.call(url, method, { message }, options);
    for await (const _ of answer.frames) {
      throw new InternalError(`${method} of node ${url} answers with frames; use call`);
    }
    return answer.message;
  }
}

function bodyPieces(url: string, { status, body }: CarriedAnswer): AsyncIterable<Uint8Array> {
  if (status === 200) return body;
  const detail =
    status === 403
      ? 'refuses this node (403): check that both have the same secret'
      : `answers with HTTP status ${status}: check that it is a node of the cluster`;
  throw new PeerUnavailableError(url, detail, false);
}

async function* framesOf(
  url: string,
  frames: Incoming['frames'],
  scope: CallScope,
  close: () => void,
): AsyncGenerator<Uint8Array> {
  const iterator = frames[Symbol.asyncIterator]();
  let isWhole = false;
  try {
    for (;;) {
      const { value, done } = await readWhole(url, iterator.next());
      if (done === true) break;
      yield value;
    }
    isWhole = true;
  } finally {
    if (isWhole) scope.end();
    else {
      close();
      await iterator.return?.();
    }
  }
}

/** What breaks off or is no answer comes from a node that is not well. */
async function readWhole<T>(url: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof CorruptBytesError)) throw error;
    throw new PeerUnavailableError(url, `answered badly: ${error.message}`, true, error);
  }
}
