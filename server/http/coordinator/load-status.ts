import { type Context, Hono } from 'hono';
import type { StoredSegment } from '../../../cluster/index.js';
import type { JsonObject } from '../../../core/index.js';
import { overlaps } from '../../../model/index.js';
import type { VarveNode } from '../../node.js';
import { has, pathText, queryBoolean, queryInterval } from '../parameters.js';
import type { ClusterView, ViewedServer } from './cluster-view.js';
import { copiesOf } from './copies.js';
import { dataSegment, totals } from './data-segment.js';

const DAY_MS = 86_400_000;

/** What of the segments that count is loaded, and what servers are still to do. */
export function loadStatusRoutes({ clock }: Pick<VarveNode, 'clock'>, view: ClusterView): Hono {
  const routes = new Hono();
  routes.get('/loadstatus', async (context) =>
    context.json(
      await loadStatus(
        context,
        view,
        new Map(view.dataSources().map((name) => [name, view.used(name)])),
      ),
    ),
  );
  routes.get('/datasources/:name/loadstatus', async (context) => {
    const name = pathText(context, 'name');
    queryBoolean(context, 'forceMetadataRefresh');
    const nowMs = clock.nowMs();
    const interval = queryInterval(context) ?? { startMs: nowMs - 14 * DAY_MS, endMs: nowMs };
    const used = view.used(name).filter(({ id }) => overlaps(id.interval, interval));
    if (used.length === 0) return context.body(null, 204);
    return context.json(await loadStatus(context, view, new Map([[name, used]])));
  });
  routes.get('/loadqueue', (context) => {
    const queueOf = has(context, 'simple') ? simpleQueue : has(context, 'full') ? fullQueue : queue;
    return context.json(
      Object.fromEntries(view.servers().map((server) => [server.host, queueOf(server)])),
    );
  });
  return routes;
}

/** In percent, as numbers of segments that nobody serves (`simple`), or as missing replicas by tier (`full`). */
async function loadStatus(
  context: Context,
  view: ClusterView,
  tables: ReadonlyMap<string, readonly StoredSegment[]>,
): Promise<JsonObject> {
  const wanted = await view.wanted();
  const servers = view.servers();
  const byId = new Map(copiesOf(servers).map((each) => [each.segment.idText, each.servers]));
  const holders = ({ idText }: StoredSegment): readonly ViewedServer[] => byId.get(idText) ?? [];
  if (has(context, 'full')) {
    const isCapped = has(context, 'computeUsingClusterView');
    return missingReplicas(tables, servers, isCapped, (segment) => ({
      wants: wanted(segment),
      holders: holders(segment),
    }));
  }
  const isMissing = (segment: StoredSegment): boolean =>
    !segment.isTombstone &&
    holders(segment).length === 0 &&
    [...wanted(segment).values()].some((count) => count > 0);
  return Object.fromEntries(
    Array.from(tables, ([name, segments]) => {
      const missing = segments.filter(isMissing).length;
      if (has(context, 'simple')) return [name, missing];
      const { length } = segments;
      return [name, length === 0 ? 100 : (100 * (length - missing)) / length];
    }),
  );
}

/** `isCapped`: no more than a tier has servers. */
function missingReplicas(
  tables: ReadonlyMap<string, readonly StoredSegment[]>,
  servers: readonly ViewedServer[],
  isCapped: boolean,
  of: (segment: StoredSegment) => {
    wants: ReadonlyMap<string, number>;
    holders: readonly ViewedServer[];
  },
): JsonObject {
  const tiers: Record<string, Record<string, number>> = {};
  for (const [name, segments] of tables) {
    for (const segment of segments.filter(({ isTombstone }) => !isTombstone)) {
      const { wants, holders } = of(segment);
      for (const [tier, count] of wants) {
        const isIn = (server: ViewedServer) => server.tier === tier;
        const most = isCapped ? Math.min(count, servers.filter(isIn).length) : count;
        const missing = Math.max(0, most - holders.filter(isIn).length);
        tiers[tier] ??= {};
        tiers[tier][name] = (tiers[tier][name] ?? 0) + missing;
      }
    }
  }
  return tiers;
}

const ids = (segments: readonly StoredSegment[]) => segments.map(({ idText }) => idText);

const queue = ({ toLoad, toDrop }: ViewedServer): JsonObject => ({
  segmentsToLoad: ids(toLoad),
  segmentsToDrop: ids(toDrop),
});

const fullQueue = ({ toLoad, toDrop }: ViewedServer): JsonObject => ({
  segmentsToLoad: toLoad.map(dataSegment),
  segmentsToDrop: toDrop.map(dataSegment),
});

/** Nothing is known of how long loads take. */
const simpleQueue = ({ toLoad, toDrop }: ViewedServer): JsonObject => ({
  segmentsToLoad: toLoad.length,
  segmentsToDrop: toDrop.length,
  segmentsToLoadSize: totals(toLoad).size,
  segmentsToDropSize: totals(toDrop).size,
  expectedLoadTimeMillis: 0,
});
