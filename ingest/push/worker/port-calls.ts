import type { MessagePort, Transferable, Worker } from 'node:worker_threads';
import { decodeError, encodeError, UnavailableError, type WireError } from '../../../core/index.js';

/** Methods of one side of a port: a name, what is given, what comes back. */
export type Methods = Record<string, (argument: never) => unknown>;

type Message =
  | { readonly kind: 'tell'; readonly name: string; readonly argument: unknown }
  | {
      readonly kind: 'call';
      readonly id: number;
      readonly name: string;
      readonly argument: unknown;
    }
  | { readonly kind: 'done'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: WireError };

interface Pending {
  resolve(result: never): void;
  reject(error: unknown): void;
}

/**
 * Calls between two threads, both ways over one port, so that what one side says arrives in the order in which it was
 * said. Errors keep their type. `Theirs` are the methods that the other side answers.
 */
export class PortCalls<Theirs extends Methods> {
  readonly #pending = new Map<number, Pending>();
  #ids = 0;
  /** Why the other side is gone; null: it is there. */
  #gone: string | null = null;

  constructor(
    private readonly port: MessagePort | Worker,
    private readonly mine: Methods,
  ) {
    port.on('message', (message: Message) => this.#take(message));
  }

  call<Name extends keyof Theirs & string>(
    name: Name,
    argument: Parameters<Theirs[Name]>[0],
    transfer: readonly Transferable[] = [],
  ): Promise<Awaited<ReturnType<Theirs[Name]>>> {
    if (this.#gone !== null) return Promise.reject(new UnavailableError(this.#gone));
    return new Promise((resolve, reject) => {
      const id = ++this.#ids;
      this.#pending.set(id, { resolve, reject });
      this.#post({ kind: 'call', id, name, argument }, transfer);
    });
  }

  /** A call whose end nobody waits for. */
  tell<Name extends keyof Theirs & string>(
    name: Name,
    argument: Parameters<Theirs[Name]>[0],
  ): void {
    this.#post({ kind: 'tell', name, argument }, []);
  }

  /** The other side is gone: nothing that was asked, or is, will be answered. */
  fail(why: string): void {
    this.#gone = why;
    for (const { reject } of this.#pending.values()) reject(new UnavailableError(why));
    this.#pending.clear();
  }

  #take(message: Message): void {
    if (message.kind === 'tell') {
      this.mine[message.name]!(message.argument as never);
      return;
    }
    if (message.kind === 'call') {
      void this.#answer(message.id, message.name, message.argument);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.kind === 'done') pending?.resolve(message.result as never);
    else pending?.reject(decodeError(message.error));
  }

  async #answer(id: number, name: string, argument: unknown): Promise<void> {
    try {
      const result = await this.mine[name]!(argument as never);
      this.#post({ kind: 'done', id, result }, []);
    } catch (error) {
      this.#post({ kind: 'failed', id, error: encodeError(error) }, []);
    }
  }

  #post(message: Message, transfer: readonly Transferable[]): void {
    this.port.postMessage(message, transfer as Transferable[]);
  }
}
