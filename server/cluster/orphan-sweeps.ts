import {
  type ClusterNodes,
  type CoordinatorDuty,
  type MetadataStore,
  type ObjectStore,
  OrphanDuty,
  writerProcess,
} from '../../cluster/index.js';
import { CancelledError, type Clock, type Logger } from '../../core/index.js';
import type { ClusterConfig } from './cluster-config.js';

export interface OrphanSweepOptions {
  readonly config: ClusterConfig['orphans'];
  readonly clusterId: string;
  readonly deep: ObjectStore;
  /** Of who leads: throws where this node does not, which ends a sweep. */
  readonly store: () => Pick<MetadataStore, 'objects' | 'tasks'>;
  readonly nodes: Pick<ClusterNodes, 'alive'>;
  readonly steadyClock: Clock;
  readonly logger: Logger;
}

/** Looks after what is left over in deep storage. A sweep may take long, and so the rounds of the leader do not wait for it. */
export class OrphanSweeps implements CoordinatorDuty {
  readonly name = 'orphans';
  readonly #duty: OrphanDuty;
  readonly #ending = new AbortController();
  #running: Promise<void> | null = null;
  #begunMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: OrphanSweepOptions) {
    const { deep, clusterId, store, steadyClock, config, logger } = options;
    this.#duty = new OrphanDuty({
      store: deep,
      clusterId,
      names: {
        writers: () => store().objects.writers(),
        giveUp: (writers) => store().objects.giveUp(writers),
        states: (keys) => store().objects.states(keys),
      },
      living: () => this.#living(),
      clock: steadyClock,
      graceMs: config.graceMs,
      logger,
    });
  }

  /** Begins a sweep where it is time for one. */
  async run(): Promise<void> {
    const { steadyClock, config, logger } = this.options;
    const nowMs = steadyClock.nowMs();
    if (this.#running !== null || nowMs - this.#begunMs < config.periodMs) return;
    if (this.#ending.signal.aborted) return;
    this.#begunMs = nowMs;
    this.#running = this.#duty
      .run(this.#ending.signal)
      .then(
        () => undefined,
        (err) => {
          if (this.#ending.signal.aborted) return;
          logger.warn({ err }, 'deep storage could not be swept; it is tried again');
        },
      )
      .finally(() => {
        this.#running = null;
      });
  }

  /** Of the last sweep. */
  stats(): Readonly<Record<string, number>> {
    return { ...this.#duty.last };
  }

  async close(): Promise<void> {
    this.#ending.abort(new CancelledError('the server is shutting down'));
    await this.#running;
  }

  async #living() {
    const tasks = await this.options.store().tasks.list();
    return {
      processes: new Set(this.options.nodes.alive().map(writerProcess)),
      tasks: new Set(tasks.flatMap(({ id, status }) => (status === 'RUNNING' ? [id] : []))),
    };
  }
}
