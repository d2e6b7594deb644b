import { CancelledError, type Logger, VarveError } from '../../core/index.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import { Slots } from '../storage/slots.js';
import type { SegmentShelf } from './segment-shelf.js';

export interface LoadOrdersOptions {
  readonly shelf: Pick<SegmentShelf, 'ensure' | 'drop'>;
  readonly logger: Logger;
  /** Segments that are loaded at the same time. */
  readonly parallel: number;
  /** Orders that wait; more are refused with CapacityError. */
  readonly maxWaiting: number;
}

/** What the coordinator ordered and has not come about. */
export interface OrderState {
  readonly idText: string;
  readonly kind: 'load' | 'drop';
  readonly sizeBytes: number;
  readonly state: 'waiting' | 'running' | 'failed';
  /** Why it failed. */
  readonly error: string | null;
}

interface Order extends Pick<OrderState, 'kind' | 'sizeBytes'> {
  state: OrderState['state'];
  error: string | null;
  readonly ending: AbortController;
  done: Promise<void>;
}

/** Failures that are remembered. */
const MOST_FAILED = 1000;

/**
 * Carries out what the coordinator orders, one order per segment: the last one counts, whatever became of those before. What fails
 * is remembered until it is ordered again, and not tried again by itself: the coordinator may want it elsewhere.
 */
export class LoadOrders {
  readonly #orders = new Map<string, Order>();
  readonly #slots: Slots;

  constructor(private readonly options: LoadOrdersOptions) {
    this.#slots = new Slots(options.parallel, options.maxWaiting);
  }

  get states(): OrderState[] {
    return [...this.#orders].map(([idText, { kind, sizeBytes, state, error }]) => {
      return { idText, kind, sizeBytes, state, error };
    });
  }

  /** An order that is under way already is not begun anew. */
  load(segment: StoredSegment): void {
    const { idText, sealed } = segment;
    this.#begin(idText, 'load', sealed.sizeBytes, (order, before) =>
      this.#slots.run(order.ending.signal, false, async () => {
        order.state = 'running';
        await before;
        await this.options.shelf.ensure(segment, 'assigned', order.ending.signal);
      }),
    );
  }

  /** Ends the loading of the segment, and waits for those who read it. */
  drop(idText: string): void {
    this.#begin(idText, 'drop', 0, async (order, before) => {
      order.state = 'running';
      await before;
      order.ending.signal.throwIfAborted();
      await this.options.shelf.drop(idText);
    });
  }

  async close(): Promise<void> {
    const orders = [...this.#orders.values()];
    for (const { ending } of orders) ending.abort(superseded());
    await Promise.all(orders.map(({ done }) => done));
  }

  #begin(
    idText: string,
    kind: Order['kind'],
    sizeBytes: number,
    run: (order: Order, before: Promise<void>) => Promise<void>,
  ): void {
    const last = this.#orders.get(idText);
    if (last?.kind === kind && last.state !== 'failed') return;
    last?.ending.abort(superseded());
    const ending = new AbortController();
    const order: Order = { kind, sizeBytes, state: 'waiting', error: null, ending, done: none };
    this.#orders.delete(idText);
    this.#orders.set(idText, order);
    // A dropping that waits for readers ends when the segment is assigned anew.
    const before = last?.kind === 'load' ? last.done : none;
    order.done = run(order, before).then(
      () => this.#ended(idText, order),
      (error) => this.#failed(idText, order, error),
    );
  }

  #ended(idText: string, order: Order): void {
    if (this.#orders.get(idText) === order) this.#orders.delete(idText);
  }

  #failed(idText: string, order: Order, error: unknown): void {
    if (order.ending.signal.aborted) {
      this.#ended(idText, order);
      return;
    }
    order.state = 'failed';
    order.error = error instanceof VarveError ? error.message : 'an internal error, see the log';
    this.options.logger.warn({ error, segment: idText, order: order.kind }, 'an order failed');
    const failed = [...this.#orders].filter(([, { state }]) => state === 'failed');
    for (const [id] of failed.slice(0, Math.max(0, failed.length - MOST_FAILED))) {
      this.#orders.delete(id);
    }
  }
}

const none = Promise.resolve();

const superseded = () => new CancelledError('another order for the segment came');
