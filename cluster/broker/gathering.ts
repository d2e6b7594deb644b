import {
  type Clock,
  CorruptSegmentError,
  pause,
  type Timers,
  UnavailableError,
  type VarveError,
} from '../../core/index.js';
import type { OnLost } from '../../query/index.js';
import type { PartRef } from '../serving/part-ref.js';
import { PeerUnavailableError } from '../transport/types.js';
import type { NodeLoads } from './node-loads.js';
import type { RemotePart } from './remote-part.js';
import { type DataNodes, type NodeShare, planShares } from './share-plan.js';

/** What came of some parts. */
export interface Found<A> {
  readonly numbers: readonly number[];
  /** Numbers, among them, of those that are not in the answer: others are asked for them. */
  readonly absent: readonly number[];
  readonly answer: A;
}

/** How a node is asked for some parts; gives their answer, and the numbers of those that it has not (any more). */
export type AskNode<A> = (
  share: NodeShare,
  refs: readonly PartRef[],
  signal: AbortSignal,
) => Promise<{ readonly answer: A; readonly missing: readonly number[] }>;

export interface GatheringOptions {
  readonly nodes: DataNodes;
  readonly clock: Clock;
  readonly timers: Timers;
  /** No request is repeated elsewhere before. */
  readonly leastHedgeMs: number;
}

/** What becomes of answers that are not wanted, and of parts that nobody has. */
export interface GatheringOwner<A> {
  readonly discard: (answer: A) => void;
  readonly onLost: OnLost;
}

/** What a node answered. */
interface NodeFound<A> extends Found<A> {
  readonly node: string;
}

/** The requests of one query. */
export class Gathering<A> {
  readonly #stop = new AbortController();
  /** By part: the nodes that did not have it, or did not answer. */
  readonly #failed = new Map<number, Set<string>>();
  readonly #found: Found<A>[] = [];
  #running = 0;
  #wake: () => void = () => undefined;
  #failure: { readonly error: unknown } | null = null;
  /** Why the last node failed that others were asked instead of. */
  #problem: unknown = null;

  constructor(
    private readonly parts: readonly RemotePart[],
    private readonly ask: AskNode<A>,
    private readonly owner: GatheringOwner<A>,
    private readonly loads: NodeLoads,
    private readonly options: GatheringOptions,
  ) {}

  /** Nothing more is wanted. */
  end(): void {
    this.#stop.abort(new UnavailableError('the query has ended'));
  }

  async *results(owner: AbortSignal): AsyncGenerator<Found<A>> {
    const onAbort = () => this.#stop.abort(owner.reason);
    if (owner.aborted) onAbort();
    owner.addEventListener('abort', onAbort, { once: true });
    try {
      this.#start(this.parts.keys());
      for (;;) {
        yield* this.#found.splice(0);
        this.#check();
        // While they were taken others may have come, the last ones among them.
        if (this.#found.length > 0) continue;
        if (this.#running === 0) return;
        await new Promise<void>((wake) => {
          this.#wake = wake;
        });
      }
    } finally {
      owner.removeEventListener('abort', onAbort);
    }
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure.error;
    this.#stop.signal.throwIfAborted();
  }

  #start(numbers: Iterable<number>): void {
    for (const share of this.#plan(numbers)) {
      this.#running++;
      void this.#runShare(share)
        .catch((error: unknown) => {
          this.#failure ??= { error };
        })
        .finally(() => {
          this.#running--;
          this.#wake();
        });
    }
  }

  /** Throws where nobody can be asked for a part that is not to be lost. */
  #plan(numbers: Iterable<number>): readonly NodeShare[] {
    const { nodes } = this.options;
    const failed = (number: number) => this.#failed.get(number);
    const { shares, nowhere } = planShares(this.parts, numbers, failed, nodes, this.loads);
    if (nowhere.length === 0) return shares;
    const { onLost } = this.owner;
    if (onLost === null) throw this.#unavailable(nowhere);
    onLost(nowhere);
    return shares;
  }

  #unavailable(nowhere: readonly number[]): VarveError {
    const [first] = nowhere;
    const more = nowhere.length > 1 ? ` and ${nowhere.length - 1} more` : '';
    const problem = this.#problem instanceof Error ? `: ${this.#problem.message}` : '';
    return new UnavailableError(
      `No results found for segments[${this.parts[first!]!.place.name}]${more}: no node that lives can read it${problem}; ask again`,
      {},
      this.#problem,
    );
  }

  /** One node's share; what it takes too long for is asked of others beside it. */
  async #runShare(share: NodeShare): Promise<void> {
    const own = new AbortController();
    const others = new AbortController();
    const first = this.#askNode(share, own.signal).then((found) => [found]);
    const hedged = this.#hedge(share, first, others.signal);
    try {
      const won = await Promise.any([first, hedged]);
      this.#discardOthers([first, hedged], won);
      for (const { node, ...found } of won) {
        const { absent } = found;
        this.#found.push(found);
        this.#exclude(node, absent);
        if (absent.length > 0) this.#start(absent);
      }
    } catch (error) {
      this.#stop.signal.throwIfAborted();
      if (!(error instanceof AggregateError)) throw error;
      this.#startElsewhere(share, error.errors[0]);
    } finally {
      own.abort(new UnavailableError('others answered first'));
      others.abort(new UnavailableError('the node answered itself'));
    }
  }

  /** Of two that answered at once, one counts. */
  #discardOthers(all: readonly Promise<readonly NodeFound<A>[]>[], won: unknown): void {
    for (const each of all) {
      each
        .then((found) => {
          if (found !== won) for (const { answer } of found) this.owner.discard(answer);
        })
        .catch(() => undefined);
    }
  }

  /** Asks others when `first` takes unusually long, and they have all of it; rejects when they don't, or when it has settled before. */
  async #hedge(
    share: NodeShare,
    first: Promise<unknown>,
    signal: AbortSignal,
  ): Promise<readonly NodeFound<A>[]> {
    const { leastHedgeMs, timers, nodes } = this.options;
    const waitMs = Math.max(leastHedgeMs, this.loads.usualMs(share.node.name));
    if (!Number.isFinite(waitMs)) throw NO_HEDGE;
    const settled = first.then(
      () => true,
      () => true,
    );
    const waiting = new AbortController();
    const within = AbortSignal.any([signal, waiting.signal]);
    const late = pause(timers, waitMs, within).then(
      () => false,
      () => true,
    );
    const isOver = await Promise.race([settled, late]);
    waiting.abort();
    if (isOver) throw NO_HEDGE;
    const failed = (number: number) =>
      new Set([...(this.#failed.get(number) ?? []), share.node.name]);
    const plan = planShares(this.parts, share.numbers, failed, nodes, this.loads);
    const isWarm = plan.shares.every(({ cold }) => cold.size === 0);
    if (plan.nowhere.length > 0 || !isWarm) throw NO_HEDGE;
    this.loads.counts.of(share.node.name).hedges++;
    return this.#askAll(plan.shares, signal);
  }

  /** All of them, or none counts. */
  async #askAll(shares: readonly NodeShare[], signal: AbortSignal): Promise<NodeFound<A>[]> {
    const asking = await Promise.allSettled(shares.map((each) => this.#askNode(each, signal)));
    const found = asking.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    const failed = asking.find((each) => each.status === 'rejected');
    if (failed === undefined) return found;
    for (const { answer } of found) this.owner.discard(answer);
    throw failed.reason;
  }

  async #askNode(share: NodeShare, signal: AbortSignal): Promise<NodeFound<A>> {
    const { clock, nodes } = this.options;
    const { node, numbers, cold } = share;
    const refs = numbers.map((number): PartRef => {
      const { ref, place } = this.parts[number]!;
      const isCold = ref.kind === 'segment' && cold.has(number);
      return isCold ? { ...ref, stored: place.stored } : ref;
    });
    const counts = this.loads.counts.of(node.name);
    counts.requests++;
    counts.coldParts += cold.size;
    const startMs = clock.nowMs();
    const end = this.loads.begin(node.name);
    const silence = nodes.silenceOf(node.name);
    try {
      const within = AbortSignal.any([signal, this.#stop.signal, silence.signal]);
      const { answer, missing } = await this.ask(share, refs, within);
      const tookMs = clock.nowMs() - startMs;
      counts.seconds.add(tookMs / 1000);
      counts.absentParts += missing.length;
      // To fetch takes time that says nothing of the node.
      if (cold.size === 0) end(tookMs);
      return { node: node.name, numbers, answer, absent: missing.map((i) => numbers[i]!) };
    } finally {
      end(null);
      silence.end();
    }
  }

  /** Others are asked, unless no node would do better. */
  #startElsewhere({ node, numbers }: NodeShare, error: unknown): void {
    if (!mayBeBetterElsewhere(error)) throw error;
    this.loads.counts.of(node.name).failures++;
    this.#problem = error;
    if (error instanceof PeerUnavailableError) this.options.nodes.suspect(node.name);
    this.#exclude(node.name, numbers);
    this.#start(numbers);
  }

  #exclude(node: string, numbers: readonly number[]): void {
    for (const number of numbers) {
      const failed = this.#failed.get(number) ?? new Set();
      this.#failed.set(number, failed.add(node));
    }
  }
}

const NO_HEDGE = new UnavailableError('nobody else is asked');

/** Whether it is the node that failed, and not the query. */
const mayBeBetterElsewhere = (error: unknown): boolean =>
  error instanceof UnavailableError || error instanceof CorruptSegmentError;
