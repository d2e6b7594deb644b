import type { Random, VirtualTime } from '../../core/index.js';
import { unlessAborted } from './call-scope.js';
import type { NodeMethods } from './node-methods.js';
import {
  type CarriedAnswer,
  type CarriedRequest,
  type Carrier,
  PeerUnavailableError,
} from './types.js';

/** How a network misbehaves; rates are between 0 and 1, of each request or piece of an answer. */
export interface NetworkFaults {
  /** Each piece takes between none and so long, so that requests overtake each other. */
  readonly maxDelayMs: number;
  /** Never arrives: its sender hears nothing. */
  readonly lost: number;
  /** Arrives twice; the second answer goes nowhere. */
  readonly duplicated: number;
  /** Is carried out, but nothing of the answer comes back. */
  readonly unanswered: number;
  /** The answer breaks off. */
  readonly broken: number;
}

export const CALM: NetworkFaults = {
  maxDelayMs: 5,
  lost: 0,
  duplicated: 0,
  unanswered: 0,
  broken: 0,
};

interface Place {
  readonly node: NodeMethods;
  readonly down: AbortController;
}

/** For tests: a network of nodes in this process, on virtual time, whose faults are drawn from a seed. */
export class SimulatedNetwork {
  faults: NetworkFaults = CALM;
  readonly #places = new Map<string, Place>();
  readonly #cuts = new Set<string>();

  constructor(
    private readonly time: VirtualTime,
    private readonly random: Random,
  ) {}

  /** From now on `node` answers at `url`; null: the process there is dead, and its connections break. */
  connect(url: string, node: NodeMethods | null): void {
    this.#places.get(url)?.down.abort(new PeerUnavailableError(url, 'broke off', true));
    if (node === null) this.#places.delete(url);
    else this.#places.set(url, { node, down: new AbortController() });
  }

  /** Nothing that `from` sends reaches `to` any more; what comes the other way does. */
  cut(from: string, to: string): void {
    this.#cuts.add(`${from}>${to}`);
  }

  healAll(): void {
    this.#cuts.clear();
  }

  /** As it is seen from `own`, the URL of the node that sends. */
  carrierOf(own: string): Carrier {
    return { send: (url, request) => this.#send(own, url, request) };
  }

  async #send(own: string, url: string, request: CarriedRequest): Promise<CarriedAnswer> {
    const body = await gather(request.body);
    const { signal } = request;
    if (this.#cuts.has(`${own}>${url}`) || this.#happens(this.faults.lost)) {
      return silence(signal);
    }
    await this.#delay(signal);
    const place = this.#places.get(url);
    if (place === undefined) throw new PeerUnavailableError(url, 'refuses connections', false);
    const ends = AbortSignal.any([signal, place.down.signal]);
    if (this.#happens(this.faults.duplicated)) void drain(arrive(place, request, body, ends));
    const answer = arrive(place, request, body, ends);
    if (this.#happens(this.faults.unanswered)) {
      void drain(answer);
      return silence(signal);
    }
    return { status: answer.status, body: this.#pieces(own, url, answer, ends) };
  }

  async *#pieces(
    own: string,
    url: string,
    { body }: CarriedAnswer,
    ends: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const iterator = body[Symbol.asyncIterator]();
    // It may be waiting for a reader, who is gone.
    ends.addEventListener('abort', () => void iterator.return?.(), { once: true });
    for (;;) {
      const { value, done } = await unlessAborted(iterator.next(), ends);
      if (this.#cuts.has(`${url}>${own}`)) await silence(ends);
      if (this.#happens(this.faults.broken)) {
        void iterator.return?.();
        throw new PeerUnavailableError(url, 'broke off', true);
      }
      await this.#delay(ends);
      if (done === true) return;
      yield value.slice();
    }
  }

  #happens(rate: number): boolean {
    return rate > 0 && this.random.nextUint32() / 2 ** 32 < rate;
  }

  #delay(signal: AbortSignal): Promise<void> {
    const delayMs = (this.random.nextUint32() / 2 ** 32) * this.faults.maxDelayMs;
    const waiting = new Promise<void>((resolve) => void this.time.after(delayMs, resolve));
    return unlessAborted(waiting, signal);
  }
}

function arrive(
  { node }: Place,
  { method, headers }: CarriedRequest,
  pieces: readonly Uint8Array[],
  signal: AbortSignal,
): CarriedAnswer {
  const header = (name: string) => headers[name] ?? null;
  const body = (async function* () {
    for (const piece of pieces) yield piece.slice();
  })();
  return node.answer({ method, header, body, signal });
}

async function gather(body: CarriedRequest['body']): Promise<Uint8Array[]> {
  if (body instanceof Uint8Array) return [body.slice()];
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece.slice());
  return pieces;
}

async function drain({ body }: CarriedAnswer): Promise<void> {
  for await (const _ of body);
}

/** Until the signal is raised. */
const silence = (signal: AbortSignal): Promise<never> =>
  unlessAborted(new Promise<never>(() => {}), signal);
