import { Hono } from 'hono';
import type { ClusterView } from './coordinator/cluster-view.js';
import { pathText } from './parameters.js';

/** What operators do with nodes of a cluster: our own API, `/v1/nodes/…`. */
export function nodeRoutes(view: ClusterView): Hono {
  const routes = new Hono();
  routes.post('/:name/give-up', async (context) => {
    const node = pathText(context, 'name');
    return context.json({ node, tablesThatMayLackRows: await view.giveUp(node) });
  });
  return routes;
}
