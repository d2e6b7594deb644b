import { Hono } from 'hono';
import { withoutPassword } from '../config.js';
import type { VarveNode } from '../node.js';
import { DRUID_VERSION, VARVE_VERSION } from '../version.js';
import type { ClusterView } from './coordinator/cluster-view.js';

/** What every service answers about itself: version, health, configuration. */
export function statusRoutes(node: VarveNode, view: ClusterView): Hono {
  const routes = new Hono();
  routes.get('/status', (context) =>
    context.json({
      version: DRUID_VERSION,
      varveVersion: VARVE_VERSION,
      modules: [],
      memory: memory(node),
    }),
  );
  routes.get('/status/health', (context) => context.json(true));
  // Ours: the same on every node, for load balancers.
  routes.get('/status/ready', (context) => {
    const isReady = view.isReady('broker') && view.isReady('historical');
    return context.json(isReady, isReady ? 200 : 503);
  });
  routes.get('/status/properties', (context) => context.json(properties(node.config)));
  routes.get('/status/selfDiscovered/status', (context) => context.json({ selfDiscovered: true }));
  routes.get('/status/selfDiscovered', (context) => context.body(null, 200));
  for (const [role, member] of [
    ['broker', 'inventoryInitialized'],
    ['historical', 'cacheInitialized'],
  ] as const) {
    routes.get(`/druid/${role}/v1/loadstatus`, (context) =>
      context.json({ [member]: view.isReady(role) }),
    );
    routes.get(`/druid/${role}/v1/readiness`, (context) =>
      context.body(null, view.isReady(role) ? 200 : 503),
    );
  }
  return routes;
}

/** Druid's names for memory, in whole bytes; column bytes count as direct memory. */
function memory(node: VarveNode) {
  const { heapTotal, heapUsed } = process.memoryUsage();
  return {
    maxMemory: node.config.memory.segmentBytes,
    totalMemory: heapTotal,
    freeMemory: heapTotal - heapUsed,
    usedMemory: heapUsed,
    directMemory: node.pool.usedBytes,
  };
}

/** The configuration as a flat map of texts, without passwords of URLs. */
function properties(value: unknown, prefix = 'varve'): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { [prefix]: withoutPassword(typeof value === 'string' ? value : JSON.stringify(value)) };
  }
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, member]) => properties(member, `${prefix}.${key}`)),
  );
}
