import type { ClusterState, Order, QueuedOrder, ServerState } from './cluster-state.js';

interface OpenOrder extends QueuedOrder {
  /** Rounds since it was given. */
  age: number;
}

/**
 * The orders of one term of leadership whose effect nobody has seen yet. An order stays until the server serves the segment, or no
 * more, or says that it could not load it: what a server tells may be older than what it was told, and a copy that is about to go
 * must never be counted.
 */
export class OrderQueues {
  /** By server and segment. */
  readonly #open = new Map<string, Map<string, OpenOrder>>();
  /** Loads that took too long, with the rounds for which they are not tried again. */
  readonly #given = new Map<string, Map<string, number>>();

  /** The state with the orders that are open in it, once what servers tell has been looked at. */
  settle(state: ClusterState): ClusterState {
    const names = new Set(state.servers.map(({ name }) => name));
    for (const map of [this.#open, this.#given]) {
      for (const name of map.keys()) if (!names.has(name)) map.delete(name);
    }
    const servers = state.servers.map((server): ServerState => {
      const open = this.#openOf(server.name);
      // What an earlier leader has ordered.
      for (const [id, order] of server.queue) if (!open.has(id)) open.set(id, { ...order, age: 0 });
      for (const [id, { kind }] of open) {
        const isLoaded = server.served.has(id);
        const isDone = kind === 'drop' ? !isLoaded : isLoaded || server.avoids.has(id);
        if (isDone) open.delete(id);
      }
      const avoids = new Set([...server.avoids, ...this.#givenUp(server.name)]);
      return { ...server, queue: new Map(open), avoids };
    });
    return { ...state, servers };
  }

  /** Takes loads back that are older than so many rounds, and leaves them alone for as many. Gives the orders that say so. */
  giveUp(maxRounds: number): Order[] {
    const cancels: Order[] = [];
    for (const [server, open] of this.#open) {
      for (const [id, order] of open) {
        if (order.kind === 'drop' || order.age++ < maxRounds) continue;
        open.delete(id);
        const given = this.#given.get(server) ?? new Map<string, number>();
        this.#given.set(server, given.set(id, maxRounds));
        cancels.push({ server, kind: 'cancel', segment: order.segment });
      }
    }
    return cancels;
  }

  /** Takes new orders in. */
  add(orders: readonly Order[]): void {
    for (const { server, kind, segment } of orders) {
      const open = this.#openOf(server);
      if (kind === 'cancel') open.delete(segment.idText);
      else open.set(segment.idText, { kind, segment, age: 0 });
    }
  }

  /** What servers are told in this round: their new orders, and the open ones again, in case they did not come through. */
  toSend(cancels: readonly Order[]): Map<string, Order[]> {
    const all = new Map<string, Order[]>();
    const listOf = (server: string): Order[] => {
      const list = all.get(server) ?? [];
      all.set(server, list);
      return list;
    };
    for (const order of cancels) listOf(order.server).push(order);
    for (const [server, open] of this.#open) {
      for (const { kind, segment } of open.values()) listOf(server).push({ server, kind, segment });
    }
    return all;
  }

  clear(): void {
    this.#open.clear();
    this.#given.clear();
  }

  /** Those that a server is spared, a round less each time. */
  #givenUp(server: string): string[] {
    const given = this.#given.get(server) ?? new Map<string, number>();
    for (const [id, rounds] of given) {
      if (rounds > 0) given.set(id, rounds - 1);
      else given.delete(id);
    }
    return [...given.keys()];
  }

  #openOf(server: string): Map<string, OpenOrder> {
    const open = this.#open.get(server) ?? new Map<string, OpenOrder>();
    this.#open.set(server, open);
    return open;
  }
}
