import type { ClusterNodes, NodeClient, NodeMethod, NodeRecord } from '../../cluster/index.js';
import { encodeError, type Logger, parseJson, stringifyJson } from '../../core/index.js';
import { type LookupState, lookupState } from '../lookups/lookup-state.js';
import type { Lookups } from '../lookups/lookups.js';

const LOOKUP_STATE = 'lookup-state';

/** A node that does not say so in this time is told of as one that does not answer. */
const DEADLINE_MS = 3000;

/** What this node has of the lookups. As JSON of ours: definitions may hold numbers of any size. */
export const lookupStateMethod = (lookups: Pick<Lookups, 'tiers' | 'active'>): NodeMethod => ({
  name: LOOKUP_STATE,
  servedBy: ['broker', 'realtime', 'coordinator'],
  calledBy: ['coordinator'],
  handle: async () => ({ message: stringifyJson(lookupState(lookups)) }),
});

export interface LookupNodesOptions {
  readonly self: Pick<NodeRecord, 'name' | 'url'>;
  readonly lookups: Pick<Lookups, 'tiers' | 'active'>;
  readonly nodes: Pick<ClusterNodes, 'alive'>;
  readonly client: Pick<NodeClient, 'ask'>;
  readonly logger: Logger;
}

/** What every node that answers queries has of the lookups, by server; null for one that does not answer. */
export async function lookupStates(
  options: LookupNodesOptions,
): Promise<ReadonlyMap<string, LookupState | null>> {
  const { self, lookups, nodes, client, logger } = options;
  const others = nodes
    .alive()
    .filter(({ name, roles }) => name !== self.name && roles.some((role) => role !== 'historical'));
  const told = await Promise.all(
    others.map(async ({ name, url }) => {
      try {
        const text = await client.ask(url, LOOKUP_STATE, null, { deadlineMs: DEADLINE_MS });
        return [hostOf(url), parseJson(String(text)) as unknown as LookupState] as const;
      } catch (error) {
        const { message: reason } = encodeError(error);
        logger.warn({ node: name, reason }, 'a node does not tell of its lookups');
        return [hostOf(url), null] as const;
      }
    }),
  );
  return new Map([[hostOf(self.url), lookupState(lookups)] as const, ...told]);
}

const hostOf = (url: string): string => new URL(url).host;
