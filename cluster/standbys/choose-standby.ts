import type { PushLogState } from '../metadata/push-logs.js';

export interface StandbyChoice {
  /** Who has the log. */
  readonly self: string;
  /** Realtime nodes that live; `self` may be among them. */
  readonly nodes: readonly string[];
  /** Those that are standbys already. */
  readonly standbys: readonly string[];
  readonly logs: readonly Pick<PushLogState, 'standbys'>[];
  /** Those that could not be one lately: only where nobody else is there. */
  readonly failed: ReadonlySet<string>;
}

/**
 * Who else is to have the log: of those that live the one that keeps the fewest copies, among equals the next one by name after `self`, in a
 * ring, so that nodes that all begin at once do not choose the same. Null: nobody is left. Pure.
 */
export function chooseStandby({
  self,
  nodes,
  standbys,
  logs,
  failed,
}: StandbyChoice): string | null {
  const copies = (node: string) => logs.filter((log) => log.standbys.includes(node)).length;
  const ranked = nodes
    .filter((node) => node !== self && !standbys.includes(node))
    .map((node) => ({
      node,
      rank: [Number(failed.has(node)), copies(node), Number(node < self)] as const,
    }))
    .sort((a, b) => compare(a.rank, b.rank) || (a.node < b.node ? -1 : 1));
  return ranked[0]?.node ?? null;
}

const compare = (a: readonly number[], b: readonly number[]): number =>
  a.map((value, i) => value - b[i]!).find((difference) => difference !== 0) ?? 0;
