import type { KnownSegment, OrderKind, ServerState } from './cluster-state.js';
import { ServerCost } from './server-cost.js';

/** Where a copy is: served, on its way, or about to go. */
export type CopyStatus = 'served' | OrderKind;

interface PlannedCopy {
  readonly segment: KnownSegment;
  readonly status: CopyStatus;
}

/** A server as it will be when the orders of this round are done. */
export class PlannedServer {
  readonly #copies = new Map<string, PlannedCopy>();
  #freeBytes: number;
  #loadCount = 0;
  #cost: ServerCost | null = null;

  constructor(
    readonly state: ServerState,
    /** Whether it is decommissioned: it takes nothing new, and gives away what it has. */
    readonly isLeaving: boolean,
  ) {
    this.#freeBytes = state.maxSizeBytes - state.currSizeBytes;
    for (const [id, segment] of state.served) this.#copies.set(id, { segment, status: 'served' });
    for (const { kind, segment } of state.queue.values()) this.take(kind, segment);
  }

  get freeBytes(): number {
    return this.#freeBytes;
  }

  status(id: string): CopyStatus | null {
    return this.#copies.get(id)?.status ?? null;
  }

  /** Every copy that it has, gets or gives up. */
  copies(): Iterable<PlannedCopy> {
    return this.#copies.values();
  }

  /** Whether it has no copy, has room, and its queue is not full. */
  canLoad({ idText, sizeBytes }: KnownSegment, maxQueued: number): boolean {
    return (
      !this.isLeaving &&
      !this.#copies.has(idText) &&
      !this.state.avoids.has(idText) &&
      sizeBytes <= this.#freeBytes &&
      this.#loadCount < maxQueued
    );
  }

  take(kind: OrderKind, segment: KnownSegment): void {
    this.#copies.set(segment.idText, { segment, status: kind });
    // What is dropped still lies there until it is done.
    if (kind === 'drop') this.#cost?.remove(segment);
    else this.#load(segment, 1);
  }

  /** Takes back what was ordered: there is what was there. */
  cancel(segment: KnownSegment): void {
    if (this.status(segment.idText) === 'drop') {
      this.#copies.set(segment.idText, { segment, status: 'served' });
      this.#cost?.add(segment);
      return;
    }
    this.#copies.delete(segment.idText);
    this.#load(segment, -1);
  }

  /** What a segment costs beside the others that it has, or will have. */
  costOf(segment: KnownSegment): number {
    this.#cost ??= new ServerCost(this.#kept());
    const status = this.status(segment.idText);
    if (status === null || status === 'drop') return this.#cost.of(segment);
    this.#cost.remove(segment);
    const cost = this.#cost.of(segment);
    this.#cost.add(segment);
    return cost;
  }

  #load(segment: KnownSegment, by: 1 | -1): void {
    this.#loadCount += by;
    this.#freeBytes -= by * segment.sizeBytes;
    if (by === 1) this.#cost?.add(segment);
    else this.#cost?.remove(segment);
  }

  *#kept(): Generator<KnownSegment> {
    for (const { segment, status } of this.#copies.values()) if (status !== 'drop') yield segment;
  }
}

/** The server beside whose segments one costs least; null where there is none. */
export function cheapest(
  servers: readonly PlannedServer[],
  segment: KnownSegment,
): PlannedServer | null {
  let best: PlannedServer | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const server of servers) {
    const cost = server.costOf(segment);
    if (cost < least) [best, least] = [server, cost];
  }
  return best;
}
