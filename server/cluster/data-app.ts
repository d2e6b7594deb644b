import { Hono } from 'hono';
import { type MetricSource, metricsRoutes } from '../http/metrics.js';
import { DRUID_VERSION, VARVE_VERSION } from '../version.js';

/** The HTTP API of a node that only serves other nodes: what those ask who look whether it lives. */
export function dataApp(metrics: MetricSource): Hono {
  const app = new Hono({ strict: false });
  app.route('/', metricsRoutes(metrics));
  app.get('/status', (context) =>
    context.json({ version: DRUID_VERSION, varveVersion: VARVE_VERSION, modules: [] }),
  );
  for (const path of ['health', 'ready']) {
    app.get(`/status/${path}`, (context) => context.json(true));
  }
  for (const path of ['loadstatus', 'readiness']) {
    app.get(`/druid/historical/v1/${path}`, (context) => context.json({ cacheInitialized: true }));
  }
  app.notFound((context) =>
    context.json(
      {
        error: 'Not found',
        errorMessage: `this node answers other nodes; ask a broker for ${context.req.path}`,
        errorClass: null,
        host: null,
      },
      404,
    ),
  );
  return app;
}
