import type { NodeMethods } from './node-methods.js';
import {
  type CarriedAnswer,
  type CarriedRequest,
  type Carrier,
  PeerUnavailableError,
} from './types.js';

/** Nodes of one process, by URL. Bytes are copied both ways, so that nothing is shared by accident. */
export class LocalCarrier implements Carrier {
  readonly #nodes = new Map<string, NodeMethods>();

  /** `node` answers at `url` from now on; null: nobody does. */
  connect(url: string, node: NodeMethods | null): void {
    if (node === null) this.#nodes.delete(url);
    else this.#nodes.set(url, node);
  }

  async send(url: string, request: CarriedRequest): Promise<CarriedAnswer> {
    const node = this.#nodes.get(url);
    if (node === undefined) throw new PeerUnavailableError(url, 'refuses connections', false);
    const { method, headers, body, signal } = request;
    const header = (name: string) => headers[name] ?? null;
    const answer = node.answer({ method, header, body: copied(body), signal });
    const pieces = copied(answer.body);
    // Nobody may read on, and it may be waiting for a reader.
    signal.addEventListener('abort', () => void pieces.return().catch(() => {}), { once: true });
    return { status: answer.status, body: pieces };
  }
}

async function* copied(body: CarriedRequest['body']): AsyncGenerator<Uint8Array, void> {
  const pieces = body instanceof Uint8Array ? [body] : body;
  for await (const piece of pieces) yield piece.slice();
}
