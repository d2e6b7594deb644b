import { inPieces, type Turns } from '../../core/index.js';
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
  /** What is not as it is told: what is or was ordered, and what was taken back (null). */
  readonly #changed = new Map<string, PlannedCopy | null>();
  #freeBytes: number;
  #loadCount = 0;
  #cost: ServerCost | null = null;

  constructor(
    readonly state: ServerState,
    /** Whether it is decommissioned: it takes nothing new, and gives away what it has. */
    readonly isLeaving: boolean,
  ) {
    this.#freeBytes = state.maxSizeBytes - state.currSizeBytes;
    for (const { kind, segment } of state.queue.values()) this.take(kind, segment);
  }

  get freeBytes(): number {
    return this.#freeBytes;
  }

  status(id: string): CopyStatus | null {
    const changed = this.#changed.get(id);
    if (changed !== undefined) return changed?.status ?? null;
    return this.state.served.has(id) ? 'served' : null;
  }

  /** Copies that were ordered, or whose orders were taken back. */
  *ordered(): Generator<PlannedCopy> {
    for (const copy of this.#changed.values()) if (copy !== null) yield copy;
  }

  /** Sums up what costs rest upon: it takes a while, and is done when it is asked for otherwise. */
  *weigh(): Turns<void> {
    if (this.#cost !== null) return;
    const cost = new ServerCost([]);
    const kept = this.#kept();
    yield* inPieces(this.state.served.size + this.#changed.size, (from, to) => {
      for (let i = from; i < to; i++) {
        const { value, done } = kept.next();
        if (done !== true) cost.add(value);
      }
    });
    yield* cost.sumUp();
    this.#cost = cost;
  }

  /** Whether it has no copy, has room, and its queue is not full. */
  canLoad({ idText, sizeBytes }: KnownSegment, maxQueued: number): boolean {
    return (
      !this.isLeaving &&
      this.status(idText) === null &&
      !this.state.avoids.has(idText) &&
      sizeBytes <= this.#freeBytes &&
      this.#loadCount < maxQueued
    );
  }

  take(kind: OrderKind, segment: KnownSegment): void {
    this.#changed.set(segment.idText, { segment, status: kind });
    // What is dropped still lies there until it is done.
    if (kind === 'drop') this.#cost?.remove(segment);
    else this.#load(segment, 1);
  }

  /** Takes back what was ordered: there is what was there. */
  cancel(segment: KnownSegment): void {
    if (this.status(segment.idText) === 'drop') {
      this.#changed.set(segment.idText, { segment, status: 'served' });
      this.#cost?.add(segment);
      return;
    }
    this.#changed.set(segment.idText, null);
    this.#load(segment, -1);
  }

  /** What a segment costs beside the others that it has, or will have. */
  costOf(segment: KnownSegment): number {
    this.#cost ??= new ServerCost(this.#kept());
    const status = this.status(segment.idText);
    return this.#cost.of(segment, status !== null && status !== 'drop');
  }

  #load(segment: KnownSegment, by: 1 | -1): void {
    this.#loadCount += by;
    this.#freeBytes -= by * segment.sizeBytes;
    if (by === 1) this.#cost?.add(segment);
    else this.#cost?.remove(segment);
  }

  *#kept(): Generator<KnownSegment> {
    for (const [id, segment] of this.state.served) if (!this.#changed.has(id)) yield segment;
    for (const { segment, status } of this.ordered()) if (status !== 'drop') yield segment;
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
