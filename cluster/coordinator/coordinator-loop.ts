import { type Clock, every, inTurns, type Logger, type Random } from '../../core/index.js';
import type { ClusterState, Order } from './cluster-state.js';
import { OrderQueues } from './order-queues.js';
import { roundOf } from './round.js';
import type { RoundStats } from './round-stats.js';

/** What a coordinator knows of the cluster, and how it is heard there. */
export interface ClusterLink {
  /** Which term of leadership this process is in; null: another one leads, or none. */
  epoch(): number | null;
  /**
   * The cluster as servers have told it, some time ago perhaps, but not before they took the first list of this epoch. The queue of a
   * server is what it says itself that it has still to do.
   */
  read(): Promise<ClusterState>;
  /**
   * Hands a server orders; it has taken them when this resolves. Orders come again until their effect is seen, so a server does what it
   * has done already by doing nothing. It refuses orders of an epoch before one that it has seen, whose first sign may be an empty list.
   */
  send(server: string, epoch: number, orders: readonly Order[]): Promise<void>;
}

/** Something else that the leader looks after in each round. */
export interface CoordinatorDuty {
  readonly name: string;
  run(nowMs: number): Promise<void>;
  /** What it has done lately, by name; absent: it does not tell. */
  stats?(): DutyStats;
}

export type DutyStats = Readonly<Record<string, number>>;

/** What became of a round. */
export type RoundReport =
  | { readonly kind: 'failed' }
  | { readonly kind: 'skipped'; readonly why: 'not leading' | 'paused' }
  | {
      readonly kind: 'done';
      readonly stats: RoundStats;
      /** Of duties that tell, by name. */
      readonly duties: ReadonlyMap<string, DutyStats>;
      /** Servers that could not be told anything. */
      readonly unreachable: readonly string[];
      readonly tookMs: number;
    };

export interface CoordinatorLoopOptions {
  readonly link: ClusterLink;
  readonly duties: readonly CoordinatorDuty[];
  readonly clock: Clock;
  /** Counts how long rounds take. */
  readonly steadyClock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Told after each round, for metrics. */
  readonly onRound?: (report: RoundReport) => void;
}

/** Thinks out what servers are to do and tells them, round after round, as long as this process leads. */
export class CoordinatorLoop {
  readonly #queues = new OrderQueues();
  /** Servers that know of this term. */
  readonly #greeted = new Set<string>();
  #epoch: number | null = null;
  #round: Promise<RoundReport> | null = null;
  #stop: () => void = () => undefined;
  #closed = false;
  /** Never raised: who closes waits for the round. */
  readonly #signal = new AbortController().signal;

  constructor(private readonly options: CoordinatorLoopOptions) {}

  /** Begins a round every so often. What a round fails with is logged, and the next one tries again. */
  start(periodMs: number): void {
    this.#stop = every(periodMs, () => {
      this.run().catch((error: unknown) => {
        this.options.logger.error({ err: error }, 'a round of the coordinator failed');
      });
    });
  }

  /** Runs a round, or joins the one that runs. */
  run(): Promise<RoundReport> {
    this.#round ??= this.#runRound().finally(() => {
      this.#round = null;
    });
    return this.#round;
  }

  /** Begins no more rounds, and waits for the one that runs. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stop();
    await this.#round?.catch(() => undefined);
  }

  async #runRound(): Promise<RoundReport> {
    let report: RoundReport = { kind: 'failed' };
    try {
      report = await this.#coordinate();
      return report;
    } finally {
      this.options.onRound?.(report);
    }
  }

  async #coordinate(): Promise<RoundReport> {
    const { link, steadyClock, random } = this.options;
    const epoch = link.epoch();
    if (this.#closed || epoch === null) return { kind: 'skipped', why: 'not leading' };
    if (epoch !== this.#epoch) this.#begin(epoch);
    const startMs = steadyClock.nowMs();
    let read = await link.read();
    const names = read.servers.map(({ name }) => name);
    // Read again: what an earlier leader had ordered has been done by now, or is in a queue.
    if (await this.#greet(epoch, names)) read = await link.read();
    const known = read.servers.filter(({ name }) => this.#greeted.has(name));
    const state = this.#queues.settle({ ...read, servers: known });
    if (state.config.pauseCoordination) return { kind: 'skipped', why: 'paused' };
    const { orders, stats } = await inTurns(roundOf(state, random), steadyClock, this.#signal);
    this.#queues.add(orders);
    const cancels = orders.filter(({ kind }) => kind === 'cancel');
    const late = this.#queues.giveUp(state.config.replicantLifetime);
    const unreachable = await this.#send(epoch, this.#queues.toSend([...cancels, ...late]));
    await this.#runDuties();
    const duties = this.#dutyStats();
    return { kind: 'done', stats, duties, unreachable, tookMs: steadyClock.nowMs() - startMs };
  }

  #begin(epoch: number): void {
    this.#epoch = epoch;
    this.#queues.clear();
    this.#greeted.clear();
  }

  /** Tells servers of this term, so that no order of an earlier one comes behind what they say then. False where all knew. */
  async #greet(epoch: number, servers: readonly string[]): Promise<boolean> {
    for (const name of this.#greeted) if (!servers.includes(name)) this.#greeted.delete(name);
    const strangers = servers.filter((name) => !this.#greeted.has(name));
    const failed = await this.#send(epoch, new Map(strangers.map((name) => [name, []])));
    for (const name of strangers) if (!failed.includes(name)) this.#greeted.add(name);
    return strangers.length > 0;
  }

  /** Sends to all servers at once; gives those that were not reached. */
  async #send(epoch: number, orders: ReadonlyMap<string, readonly Order[]>): Promise<string[]> {
    const failed: string[] = [];
    await Promise.all(
      Array.from(orders, async ([server, list]) => {
        try {
          await this.options.link.send(server, epoch, list);
        } catch (error) {
          failed.push(server);
          this.options.logger.warn({ server, err: error }, 'a server did not take its orders');
        }
      }),
    );
    return failed.sort();
  }

  #dutyStats(): Map<string, DutyStats> {
    const told = new Map<string, DutyStats>();
    for (const duty of this.options.duties) {
      const stats = duty.stats?.();
      if (stats !== undefined) told.set(duty.name, stats);
    }
    return told;
  }

  async #runDuties(): Promise<void> {
    const { duties, clock, link, logger } = this.options;
    for (const duty of duties) {
      if (this.#closed || link.epoch() !== this.#epoch) return;
      try {
        await duty.run(clock.nowMs());
      } catch (error) {
        logger.error({ duty: duty.name, err: error }, 'a duty failed; it is tried again');
      }
    }
  }
}
