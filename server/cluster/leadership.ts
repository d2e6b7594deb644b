import { type HeldLease, LeaderLease, type MetadataStore } from '../../cluster/index.js';
import { type Clock, every, type Logger, UnavailableError } from '../../core/index.js';

const LEASE = 'coordinator';

export interface LeadershipOptions {
  readonly store: MetadataStore;
  /** The name of this node, and what tells it from those that had the name before. */
  readonly node: string;
  readonly incarnation: string;
  /** Whether this node may lead. */
  readonly isCandidate: boolean;
  readonly beatMs: number;
  readonly lostAfterMs: number;
  readonly logger: Logger;
  readonly steadyClock: Clock;
  /** This node leads from now on. Called again, as long as it leads, until it has resolved once. */
  readonly onLead: () => Promise<void>;
  /** Another one leads: what was begun here is its business now. */
  readonly onLose: () => void;
}

/** Who leads the cluster, and whether it is this node: it is asked again and again. */
export class Leadership {
  readonly #lease: LeaderLease;
  #store: MetadataStore | null = null;
  /** The epoch for which `onLead` has resolved. */
  #begunEpoch: number | null = null;
  #beginning: Promise<void> | null = null;
  #leader: string | null = null;
  #looking: Promise<void> | null = null;
  #stop: () => void = () => undefined;

  constructor(private readonly options: LeadershipOptions) {
    const { store, node, incarnation, lostAfterMs: ttlMs, steadyClock: steady } = options;
    const holder = `${node} ${incarnation}`;
    this.#lease = new LeaderLease(store.leases, {
      name: LEASE,
      holder,
      ttlMs,
      steady,
    });
  }

  /** Null while it does not lead. */
  get epoch(): number | null {
    return this.#store !== null && this.#lease.isFresh ? (this.#lease.held?.epoch ?? null) : null;
  }

  /** The name of the node that leads, as far as is known. */
  get leader(): string | null {
    return this.#leader;
  }

  /** The metadata as the leader may change them. Throws UnavailableError where this node does not lead. */
  get store(): MetadataStore {
    return this.#store ?? refuse();
  }

  /** With which this node leads. Throws UnavailableError where it does not. */
  get lease(): HeldLease {
    return (this.#store && this.#lease.held) ?? refuse();
  }

  async start(): Promise<void> {
    await this.look();
    this.#stop = every(this.options.beatMs, () => void this.look());
    await this.#beginning;
  }

  /** Beats, or sees whether it is this node's turn. Never rejects: it is done again after `beatMs`. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#looking;
    this.#store = null;
    await this.#beginning;
    await this.#lease.resign().catch(() => undefined);
  }

  async #look(): Promise<void> {
    const { logger } = this.options;
    try {
      if (this.options.isCandidate) await this.#lead();
      const lease = await this.options.store.leases.get(LEASE);
      this.#leader = lease?.holder?.split(' ')[0] ?? null;
    } catch (err) {
      logger.warn({ err }, 'nobody can tell who leads; it is asked again');
    }
  }

  async #lead(): Promise<void> {
    const { logger, onLose } = this.options;
    if (this.#lease.held !== null) {
      if (await this.#lease.renew()) return this.#begin();
      this.#store = null;
      logger.warn('another node leads now');
      onLose();
    }
    const held = await this.#lease.acquire();
    if (held === null) return;
    this.#store = this.options.store.asLeader(() => held);
    logger.info({ epoch: held.epoch }, 'this node leads');
    this.#begin();
  }

  /** Beside the beats, for it may take longer than nobody may hear of a leader. */
  #begin(): void {
    const { onLead, logger } = this.options;
    const epoch = this.#lease.held?.epoch ?? null;
    if (this.#beginning !== null || this.#begunEpoch === epoch) return;
    this.#beginning = onLead()
      .then(
        () => {
          this.#begunEpoch = epoch;
        },
        (err: unknown) =>
          logger.warn({ err }, 'what a leader begins with failed; it is tried again'),
      )
      .finally(() => {
        this.#beginning = null;
      });
  }
}

function refuse(): never {
  throw new UnavailableError('this node does not lead the cluster; ask the leader');
}
