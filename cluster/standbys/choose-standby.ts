import type { PushLogState } from '../metadata/push-logs.js';

export interface StandbyChoice {
  /** Who has the log. */
  readonly self: string;
  /** Realtime nodes that live; `self` may be among them. */
  readonly nodes: readonly string[];
  /** Those that are standbys already. */
  readonly standbys: readonly string[];
  readonly logs: readonly Pick<PushLogState, 'standbys'>[];
}

/**
 * Who else is to have the log: of those that live the one that keeps the fewest copies, among equals the next one by name after `self`, in a
 * ring, so that nodes that all begin at once do not choose the same. Null: nobody is left. Pure.
 */
export function chooseStandby({ self, nodes, standbys, logs }: StandbyChoice): string | null {
  const copies = (node: string) => logs.filter((log) => log.standbys.includes(node)).length;
  const isBefore = (node: string) => Number(node < self);
  const [first] = nodes
    .filter((node) => node !== self && !standbys.includes(node))
    .sort((a, b) => copies(a) - copies(b) || isBefore(a) - isBefore(b) || (a < b ? -1 : 1));
  return first ?? null;
}
