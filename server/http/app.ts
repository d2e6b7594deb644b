import { Hono } from 'hono';
import type { VarveNode } from '../node.js';
import { adviceRoutes } from './advice.js';
import { limitBody } from './body.js';
import { compressLong } from './compress.js';
import { coordinatorRoutes } from './coordinator/index.js';
import { markRoutes } from './coordinator/marks.js';
import { dataSourceRoutes } from './datasources.js';
import { httpError, isAlarming } from './errors.js';
import { canonicalPathGuard, originGuard } from './guard.js';
import { introspectRoutes } from './lookups.js';
import { metricsRoutes } from './metrics.js';
import { nativeRoutes } from './native.js';
import { cutSlowClients } from './outgoing.js';
import { pushRoutes } from './push.js';
import { samplerRoutes } from './sampler.js';
import { sqlRoutes } from './sql.js';
import { statusRoutes } from './status.js';
import { tableRoutes } from './tables.js';
import { taskRoutes } from './tasks.js';

/** All of the HTTP API of one node: guards first, then a router per part of the API. */
export function createApp(node: VarveNode): Hono {
  const { config, logger } = node;
  const app = new Hono({ strict: false });
  app.use(canonicalPathGuard, originGuard(config.insecure));
  app.use(
    cutSlowClients(config.http.slowClientTimeoutMs, () => node.queries.metrics.slowClients++),
  );
  // Pushes bound their bodies as they come, rather than gather them whole; their answers are too short to compress.
  app.route('/v1/tables', pushRoutes(node));
  app.use(compressLong());
  app.use(limitBody(config.http.maxBodyBytes, 'http.maxBodyBytes'));
  app.route('/', statusRoutes(node));
  app.route('/', metricsRoutes(node));
  app.route('/v1/tables', tableRoutes(node));
  app.route('/v1', adviceRoutes(node));
  app.route('/druid/v2/sql', sqlRoutes(node));
  app.route('/druid/v2/datasources', dataSourceRoutes(node));
  app.route('/druid/v2', nativeRoutes(node));
  app.route('/druid/v1/lookups/introspect', introspectRoutes(node));
  app.route('/druid/indexer/v1', taskRoutes(node));
  app.route('/druid/indexer/v1', samplerRoutes(node));
  app.route('/druid/indexer/v1/datasources', markRoutes(node));
  app.route('/druid/coordinator/v1', coordinatorRoutes(node));
  app.notFound((context) =>
    context.json(
      {
        error: 'Not found',
        errorMessage: `there is nothing at ${context.req.method} ${context.req.path}`,
        errorClass: null,
        host: null,
      },
      404,
    ),
  );
  app.onError((error, context) => {
    const { status, body, headers } = httpError(
      error,
      context.req.path.startsWith('/druid/v2/sql'),
    );
    if (isAlarming(error)) logger.error({ err: error, path: context.req.path }, 'request failed');
    return context.json(body, status, headers);
  });
  return app;
}
