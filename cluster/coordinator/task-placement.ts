import type { WorkerConfig } from './worker-config.js';

/** A node that runs tasks. */
export interface WorkerState {
  readonly host: string;
  /** Tasks that it runs at the same time, at most. */
  readonly slots: number;
  readonly usedSlots: number;
  readonly isEnabled: boolean;
}

/** A task that waits for a node. */
export interface WaitingTask {
  readonly id: string;
  readonly dataSource: string;
}

/**
 * Which node each task goes to, in the order of the tasks; those for which there is no slot go nowhere. Nodes that are disabled get
 * none. Of the others the fullest gets it (`fillCapacity`) or the one with most free slots (`equalDistribution`), the first by name among
 * equals. A table with an affinity has its nodes for itself, and others only when those are full and it is not strong. Pure.
 */
export function placeTasks(
  tasks: readonly WaitingTask[],
  workers: readonly WorkerState[],
  { strategy, affinity }: WorkerConfig,
): Map<string, string> {
  const free = new Map(
    workers
      .filter(({ isEnabled, slots, usedSlots }) => isEnabled && slots > usedSlots)
      .map(({ host, slots, usedSlots }) => [host, slots - usedSlots]),
  );
  const reserved = new Set(Object.values(affinity?.affinity ?? {}).flat());
  const choose = (isWanted: (host: string) => boolean): string | undefined => {
    const sign = strategy === 'fillCapacity' ? 1 : -1;
    return [...free]
      .filter(([host, slots]) => slots > 0 && isWanted(host))
      .sort(([a, some], [b, others]) => sign * (some - others) || (a < b ? -1 : 1))[0]?.[0];
  };
  const placed = new Map<string, string>();
  for (const { id, dataSource } of tasks) {
    const own = affinity?.affinity[dataSource];
    const isOther = (host: string) => !reserved.has(host);
    const host =
      own === undefined
        ? choose(isOther)
        : (choose((each) => own.includes(each)) ??
          (affinity?.strong === true ? undefined : choose(isOther)));
    if (host === undefined) continue;
    free.set(host, free.get(host)! - 1);
    placed.set(id, host);
  }
  return placed;
}
