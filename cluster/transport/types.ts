/**
 * transport: requests between nodes. A `NodeClient` calls a method by name, `NodeMethods` answers it; a carrier brings the
 * bytes there and back: over HTTP (`http-carrier.ts`, `http-handler.ts`), inside this process, or through a simulated network.
 */
import { UnavailableError } from '../../core/index.js';

/** What a process of a cluster does; it may have several. */
export const NODE_ROLES = ['broker', 'historical', 'realtime', 'coordinator'] as const;
export type NodeRole = (typeof NODE_ROLES)[number];

/** Who a node is. One that is started anew under its name is another incarnation. */
export interface NodeIdentity {
  readonly name: string;
  readonly incarnation: string;
  readonly roles: readonly NodeRole[];
}

/** This program's version of the messages. A node speaks it, and that of the version before. */
export const PROTOCOL = 1;

/** Who calls, and the version of messages that it knows: what it is answered must be readable for that. */
export interface Caller extends NodeIdentity {
  readonly protocol: number;
}

/** Bytes that follow a message. They are asked for one by one, as the other side takes them. */
export type Frames = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** A request or an answer on its way out: one message (see `message-format.ts`), then as many frames as there are. */
export interface Outgoing {
  readonly message: unknown;
  readonly frames?: Frames;
}

/** A request or an answer that comes in. Its frames can be read once; what is not asked for is not sent. */
export interface Incoming {
  readonly message: unknown;
  readonly frames: AsyncIterable<Uint8Array>;
}

/** An answer: read its frames to the end, or close it. */
export interface Answer extends Incoming {
  /** Nothing more is wanted: the other side is told, and stops. */
  close(): void;
}

export interface CallOptions {
  /** For all of it, the last frame included; the other side knows it, too. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  readonly maxAnswerBytes?: number;
}

/** What a node serves to others, by name. */
export interface NodeMethod {
  /** As in the path: lower case, `-` and `/`. */
  readonly name: string;
  /** A node without any of these roles refuses it. */
  readonly servedBy: readonly NodeRole[];
  /** A caller without any of these roles is refused. */
  readonly calledBy: readonly NodeRole[];
  readonly maxRequestBytes?: number;
  handle(request: Incoming, context: CallContext): Promise<Outgoing>;
}

export interface CallContext {
  /** Raised when the caller is gone or the deadline is over. */
  readonly signal: AbortSignal;
  /** What was left when the request came. */
  readonly deadlineMs: number;
  readonly caller: Caller;
}

/**
 * A node that cannot be reached, refuses connections, or whose answer broke off. `mayHaveHappened` tells whether it may
 * have carried out what it was asked: if not, ask another one; if so, first look what became of it.
 */
export class PeerUnavailableError extends UnavailableError {
  constructor(
    readonly url: string,
    detail: string,
    readonly mayHaveHappened: boolean,
    cause?: unknown,
  ) {
    super(`node ${url} ${detail}`, { url }, cause);
  }
}

/** How bytes get to another node and back; `NodeClient` makes calls of it. */
export interface Carrier {
  /** Rejects with PeerUnavailableError, or with the reason of the signal. */
  send(url: string, request: CarriedRequest): Promise<CarriedAnswer>;
}

export interface CarriedRequest {
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** In one piece, or in pieces that are pulled as they go. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  /** When it is raised everything ends, the other side included. */
  readonly signal: AbortSignal;
}

export interface CarriedAnswer {
  readonly status: number;
  /** Pulled as they are read. */
  readonly body: AsyncIterable<Uint8Array>;
}
