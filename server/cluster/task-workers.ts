import {
  BatchSlots,
  type ClusterNodes,
  type CoordinatorSettings,
  type NodeRecord,
} from '../../cluster/index.js';
import { NotFoundError, systemTimers } from '../../core/index.js';
import type { ViewedWorker } from '../http/coordinator/cluster-view.js';

const hostOf = ({ url }: NodeRecord): string => new URL(url).host;

/** Who runs tasks: the realtime nodes, and where there is none the node that leads. */
export class TaskWorkers {
  readonly slots: BatchSlots;
  #disabled: ReadonlySet<string> = new Set();

  constructor(
    private readonly nodes: ClusterNodes,
    private readonly self: NodeRecord,
    private readonly slotsHere: number,
    private readonly settings: CoordinatorSettings,
  ) {
    this.slots = new BatchSlots({
      workers: () =>
        this.#workers().map(({ host, slots }) => ({
          host,
          slots,
          isEnabled: this.#isEnabled(host),
        })),
      config: async () => {
        this.#disabled = await settings.disabledWorkers();
        return settings.workersInForce();
      },
      timers: systemTimers,
    });
  }

  /** The realtime node that a worker is; null for this node where it stands in for realtime nodes. */
  nodeOf(host: string): NodeRecord | null {
    return this.#realtime().find((node) => hostOf(node) === host) ?? null;
  }

  /** As the API tells of them. */
  viewed(): ViewedWorker[] {
    return this.#workers().map(({ host, slots }) => {
      const runningTasks = this.slots.runningAt(host);
      const usedCapacity = Math.min(slots, runningTasks.length);
      return {
        host,
        capacity: slots,
        usedCapacity,
        isEnabled: this.#isEnabled(host),
        runningTasks,
      };
    });
  }

  /** Lets a worker have tasks, or no more of them. Throws NotFoundError. */
  async enable(host: string, isEnabled: boolean): Promise<void> {
    if (!this.#workers().some((worker) => worker.host === host)) {
      throw new NotFoundError(
        `there is no worker "${host}"; GET /druid/indexer/v1/workers lists them`,
      );
    }
    this.#disabled = await this.settings.setWorkerEnabled(host, isEnabled);
  }

  #isEnabled(host: string): boolean {
    return !this.#disabled.has(host);
  }

  #realtime(): readonly NodeRecord[] {
    return this.nodes.alive('realtime');
  }

  #workers(): readonly { readonly host: string; readonly slots: number }[] {
    const nodes = this.#realtime();
    if (nodes.length === 0) return [{ host: hostOf(this.self), slots: this.slotsHere }];
    return nodes.map((node) => ({ host: hostOf(node), slots: node.taskSlots }));
  }
}
