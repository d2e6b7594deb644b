import type { ClusterNodes, Follower, NodeRole } from '../../cluster/index.js';
import type { ClusterView } from '../http/coordinator/cluster-view.js';
import type { Serving, ServingNode } from '../system-tables.js';
import type { Leadership } from './leadership.js';
import type { ServedSegments } from './served-segments.js';

/** As Druid calls who does what ours do. */
const TYPES: Readonly<Record<NodeRole, string>> = {
  coordinator: 'coordinator',
  broker: 'broker',
  historical: 'historical',
  realtime: 'indexer',
};

/** Who serves what, as a member knows it: for `sys.servers`, `sys.server_segments` and `sys.segments`. */
export function memberServers(
  nodes: Pick<ClusterNodes, 'alive' | 'node'>,
  view: Pick<Follower<unknown>['view'], 'nodesOf'>,
  served: ServedSegments,
  leadership: Pick<Leadership, 'leader'>,
  wanted: ClusterView['wanted'],
): Serving {
  const serverOf = (url: string) => new URL(url).host;
  return {
    servers: () =>
      nodes.alive().flatMap(({ name, roles, url, tier, capacityBytes }) => {
        const { hostname: host, port } = new URL(url);
        return roles.map((role): ServingNode => {
          const isHolder = role === 'historical';
          return {
            server: serverOf(url),
            host,
            port: Number(port),
            type: TYPES[role],
            tier: isHolder ? tier : null,
            currentBytes: isHolder ? served.of(name).sizeBytes : 0,
            maxBytes: isHolder ? capacityBytes : 0,
            isLeader: role === 'coordinator' ? name === leadership.leader : null,
          };
        });
      }),
    holders: ({ idText }) => view.nodesOf(idText).map(({ node }) => serverOf(node.url)),
    // Behind the word that all of them have stands the node.
    liveHolder({ id }) {
      const node = nodes.node(id.version.slice(id.version.indexOf(' ') + 1));
      return node === null ? null : serverOf(node.url);
    },
    wanted,
  };
}
