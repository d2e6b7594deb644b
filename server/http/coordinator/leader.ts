import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { ClusterView } from './cluster-view.js';

/** Who leads: asked for of coordinators and of overlords. */
export function leaderRoutes(view: ClusterView): Hono {
  const routes = new Hono();
  routes.get('/leader', (context) => {
    const leader = leaderOf(context, view);
    return leader === null ? nobodyLeads(context) : context.json(leader);
  });
  routes.get('/isLeader', (context) =>
    context.json({ leader: view.isLeader() }, view.isLeader() ? 200 : 404),
  );
  return routes;
}

/** Sends clients to the leader, who alone answers for the cluster; 503 while nobody leads. */
export const onlyLeader =
  (view: ClusterView): MiddlewareHandler =>
  async (context, next) => {
    if (view.isLeader()) return next();
    const leader = leaderOf(context, view);
    if (leader === null) return nobodyLeads(context);
    const { pathname, search } = new URL(context.req.url);
    return context.redirect(`${leader}${pathname}${search}`, 307);
  };

const leaderOf = (context: Context, view: ClusterView): string | null =>
  view.leader(new URL(context.req.url).origin);

const nobodyLeads = (context: Context): Response =>
  context.json({ error: 'no coordinator leads at the moment; try again in some seconds' }, 503);
