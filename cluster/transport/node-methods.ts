import {
  CancelledError,
  CapacityError,
  encodeError,
  invariant,
  type Logger,
  NotFoundError,
  type Timers,
  UnavailableError,
} from '../../core/index.js';
import { type CallFacts, HEADER, readCallHeaders } from './call-headers.js';
import { CallScope, unlessAborted, untilAborted } from './call-scope.js';
import { bodyOf, errorBody, readBody } from './frames.js';
import { secretMatches } from './secret.js';
import {
  type CarriedAnswer,
  type Frames,
  type NodeIdentity,
  type NodeMethod,
  type NodeRole,
  type Outgoing,
  PROTOCOL,
} from './types.js';

const DEFAULTS = { maxRequestBytes: 64 << 20, maxCalls: 2000 };

export interface NodeMethodsOptions {
  readonly self: NodeIdentity;
  /** Of the cluster, kept in its metadata: nodes of another one are refused. */
  readonly cluster: string;
  readonly secret: string;
  readonly timers: Timers;
  readonly logger: Logger;
  /** Calls that are answered at once, long polls among them. */
  readonly maxCalls?: number;
}

/** A request as some carrier brings it. */
export interface ArrivedCall {
  readonly method: string;
  readonly header: (name: string) => string | null;
  readonly body: AsyncIterable<Uint8Array>;
  /** Raised when the connection is gone. */
  readonly signal: AbortSignal;
}

/** What this node serves to others, and who may ask for it. */
export class NodeMethods {
  readonly #methods = new Map<string, NodeMethod>();
  readonly #isOurSecret: (found: string | null) => boolean;
  #running = 0;

  constructor(private readonly options: NodeMethodsOptions) {
    this.#isOurSecret = secretMatches(options.secret);
  }

  add(method: NodeMethod): void {
    invariant(/^[a-z][a-z\d/-]*$/.test(method.name), `"${method.name}" is no name of a method`);
    invariant(!this.#methods.has(method.name), `method ${method.name} is there already`);
    this.#methods.set(method.name, method);
  }

  /** How many calls are being answered now. */
  get running(): number {
    return this.#running;
  }

  /** Never throws: what goes wrong is in the body. Who does not know the secret learns nothing, not even which methods there are. */
  answer(call: ArrivedCall): CarriedAnswer {
    if (!this.#isOurSecret(call.header(HEADER.secret))) return { status: 403, body: nothing() };
    return { status: 200, body: this.#body(call) };
  }

  async *#body(call: ArrivedCall): AsyncGenerator<Uint8Array> {
    let scope: CallScope | null = null;
    let isWhole = false;
    this.#running++;
    try {
      const facts = readCallHeaders(call.header);
      const method = this.#methodFor(call.method, facts);
      const { self, timers } = this.options;
      scope = new CallScope(
        `${method.name} on ${self.name}`,
        facts.deadlineMs,
        call.signal,
        timers,
      );
      const answer = await unlessAborted(
        this.#handle(method, call, facts, scope.signal),
        scope.signal,
      );
      yield* bodyOf(this.#watched(answer, method.name, scope.signal));
      isWhole = true;
    } catch (error) {
      this.#log(call.method, error);
      yield* errorBody(error);
      isWhole = true;
    } finally {
      this.#running--;
      // Who still works on it is told that nobody reads on.
      if (isWhole) scope?.end();
      else scope?.cancel(new CancelledError(`${call.method}: the caller is gone`));
    }
  }

  async #handle(
    method: NodeMethod,
    call: ArrivedCall,
    { caller, deadlineMs }: CallFacts,
    signal: AbortSignal,
  ): Promise<Outgoing> {
    const maxBytes = method.maxRequestBytes ?? DEFAULTS.maxRequestBytes;
    const request = await readBody(call.body, maxBytes);
    return method.handle(request, { caller, deadlineMs, signal });
  }

  #watched({ message, frames }: Outgoing, method: string, signal: AbortSignal): Outgoing {
    if (frames === undefined) return { message };
    return { message, frames: this.#framesOf(frames, method, signal) };
  }

  /** The body tells their errors; here they are only written down. */
  async *#framesOf(
    frames: Frames,
    method: string,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    try {
      yield* untilAborted(frames, signal);
    } catch (error) {
      this.#log(method, error);
      throw error;
    }
  }

  #methodFor(name: string, { caller, cluster }: CallFacts): NodeMethod {
    const { self, cluster: ours, maxCalls = DEFAULTS.maxCalls } = this.options;
    if (cluster !== ours) {
      throw refusal(
        `node ${self.name} is of another cluster than ${caller.name}; check the metadata store of both`,
      );
    }
    if (Math.abs(caller.protocol - PROTOCOL) > 1) {
      throw refusal(
        `node ${self.name} speaks version ${PROTOCOL} and cannot talk to ${caller.name} of version ${caller.protocol}; upgrade by one version at a time`,
      );
    }
    const method = this.#methods.get(name);
    if (method === undefined) {
      throw new NotFoundError(`node ${self.name} has no method ${name}`, { method: name });
    }
    if (!haveOneOf(self.roles, method.servedBy)) {
      throw refusal(`node ${self.name} is no ${method.servedBy.join(' or ')}, which serve ${name}`);
    }
    if (!haveOneOf(caller.roles, method.calledBy)) {
      throw refusal(
        `${name} is for ${method.calledBy.join(' or ')}; ${caller.name} is ${caller.roles.join(', ')}`,
      );
    }
    if (this.#running > maxCalls) {
      throw new CapacityError(`node ${self.name} answers ${maxCalls} calls already`, 1000);
    }
    return method;
  }

  #log(method: string, error: unknown): void {
    const { family, message, stack } = encodeError(error);
    if (family === 'internal') this.options.logger.error({ method, stack }, message);
    else this.options.logger.debug({ method, family }, message);
  }
}

const haveOneOf = (found: readonly NodeRole[], wanted: readonly NodeRole[]): boolean =>
  wanted.some((role) => found.includes(role));

const refusal = (message: string): UnavailableError => new UnavailableError(message);

async function* nothing(): AsyncGenerator<Uint8Array> {}
