import { type Context, Hono } from 'hono';
import type { ClusterView } from './coordinator/cluster-view.js';

/** What each of Druid's services answers below its name. */
const PREFIXES: Readonly<Record<string, readonly string[]>> = {
  coordinator: ['/druid/coordinator/', '/druid/indexer/', '/druid-ext/', '/status'],
  overlord: ['/druid/indexer/', '/druid/coordinator/', '/status'],
};

/** What Druid's router answers: `/druid/router/v1/brokers`. */
export function routerRoutes(view: ClusterView): Hono {
  const routes = new Hono();
  routes.get('/brokers', (context) =>
    context.json({
      'druid/broker': view.nodes('broker').map(({ host, port }) => `${host}:${port}`),
    }),
  );
  return routes;
}

/** `/proxy/coordinator/…` and `/proxy/overlord/…`, as its console asks: the same paths of this very server. */
export function proxyRoutes(
  answer: (request: Request, env: Context['env']) => Response | Promise<Response>,
): Hono {
  const routes = new Hono();
  routes.all('/:service/*', (context) => {
    const service = context.req.param('service');
    const url = new URL(context.req.url);
    const path = url.pathname.slice(`/proxy/${service}`.length);
    const isKnown = PREFIXES[service]?.some((prefix) => path.startsWith(prefix)) ?? false;
    if (!isKnown) return context.notFound();
    url.pathname = path;
    return answer(new Request(url, context.req.raw), context.env);
  });
  return routes;
}
