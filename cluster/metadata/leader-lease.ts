import type { Clock } from '../../core/index.js';
import type { HeldLease, Lease, LeaseTable } from './lease-table.js';

/** One of those who may lead. */
export interface LeaderLeaseOptions {
  /** Of what is led. */
  readonly name: string;
  /** Who this is: no two processes are the same, also not one after the other. */
  readonly holder: string;
  /** A holder that did not beat for so long is taken to be dead. */
  readonly ttlMs: number;
  /** Never compared with that of another process. */
  readonly steady: Clock;
}

/**
 * Who leads, without clocks that agree: the holder beats, others see whether the beat grows while time passes on their
 * own clocks. Two may believe that they lead for a while; what they write is told apart by the epoch.
 */
export class LeaderLease {
  #held: HeldLease | null = null;
  #renewedMs = Number.NEGATIVE_INFINITY;
  #seen: { readonly lease: Lease; readonly sinceMs: number } | null = null;

  constructor(
    private readonly leases: LeaseTable,
    private readonly options: LeaderLeaseOptions,
  ) {}

  /** What it holds, as far as it knows. */
  get held(): HeldLease | null {
    return this.#held;
  }

  /** Whether nobody can have taken it over by the clock of this process: when false, it is better to do nothing. */
  get isFresh(): boolean {
    const { steady, ttlMs } = this.options;
    return this.#held !== null && steady.nowMs() - this.#renewedMs < ttlMs;
  }

  /** Looks at the lease, and takes it when nobody has it, or its holder did not beat while we looked. Ask again and again. */
  async acquire(): Promise<HeldLease | null> {
    const { name, holder, ttlMs, steady } = this.options;
    if (this.#held !== null) return this.#held;
    const askedMs = steady.nowMs();
    const lease = await this.leases.get(name);
    if (lease !== null && lease.holder !== null && !this.#isStill(lease, ttlMs)) return null;
    this.#held = await this.leases.acquire(name, holder, lease);
    this.#renewedMs = askedMs;
    this.#seen = null;
    return this.#held;
  }

  /** Beats; false when another one has taken it over: who is told so must stop to lead. */
  async renew(): Promise<boolean> {
    if (this.#held === null) return false;
    const askedMs = this.options.steady.nowMs();
    if (await this.leases.renew(this.#held)) this.#renewedMs = askedMs;
    else this.#held = null;
    return this.#held !== null;
  }

  async resign(): Promise<void> {
    const held = this.#held;
    this.#held = null;
    if (held !== null) await this.leases.resign(held);
  }

  #isStill(lease: Lease, ttlMs: number): boolean {
    const nowMs = this.options.steady.nowMs();
    const seen = this.#seen;
    if (seen?.lease.epoch === lease.epoch && seen.lease.beat === lease.beat) {
      return nowMs - seen.sinceMs >= ttlMs;
    }
    this.#seen = { lease, sinceMs: nowMs };
    return false;
  }
}
