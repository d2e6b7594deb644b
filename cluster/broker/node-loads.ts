import { GatherCounts } from './gather-counts.js';

/** What a broker has seen of the nodes that it asks: how long they take, and how much they are asked now. */
export class NodeLoads {
  readonly counts = new GatherCounts();
  readonly #nodes = new Map<string, Load>();

  /** A request begins; call what it gives with how long it took, or null when it failed. */
  begin(node: string): (tookMs: number | null) => void {
    const load = this.#of(node);
    load.running++;
    let isOpen = true;
    return (tookMs) => {
      if (!isOpen) return;
      isOpen = false;
      load.running--;
      if (tookMs === null) return;
      const weight = load.count < RECENT ? 1 / (load.count + 1) : 1 / RECENT;
      load.count++;
      load.meanMs += weight * (tookMs - load.meanMs);
      load.spreadMs += weight * (Math.abs(tookMs - load.meanMs) - load.spreadMs);
    };
  }

  /** How long another request may have to wait, about, in milliseconds: to be compared with that of other nodes. */
  cost(node: string): number {
    const { running, meanMs } = this.#of(node);
    return (running + 1) * Math.max(meanMs, 1);
  }

  /** A request that takes longer is unusual. */
  usualMs(node: string): number {
    const { count, meanMs, spreadMs } = this.#of(node);
    return count < FEW ? Number.POSITIVE_INFINITY : meanMs + 4 * spreadMs;
  }

  forget(node: string): void {
    this.#nodes.delete(node);
  }

  #of(node: string): Load {
    let load = this.#nodes.get(node);
    if (load === undefined) {
      load = { running: 0, count: 0, meanMs: 0, spreadMs: 0 };
      this.#nodes.set(node, load);
    }
    return load;
  }
}

interface Load {
  running: number;
  count: number;
  /** Of the last requests, the newest counting most. */
  meanMs: number;
  /** The mean distance from it. */
  spreadMs: number;
}

/** Requests that means are of, about. */
const RECENT = 50;

/** Of fewer nobody tells what is usual. */
const FEW = 10;
