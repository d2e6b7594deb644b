import { Hono } from 'hono';
import type { VarveNode } from '../node.js';
import { adviceRoutes } from './advice.js';
import { limitBody } from './body.js';
import { candidateRoutes } from './candidates.js';
import { compressLong } from './compress.js';
import type { ClusterView } from './coordinator/cluster-view.js';
import { compactionRoutes } from './coordinator/compaction.js';
import { coordinatorRoutes } from './coordinator/index.js';
import { leaderRoutes, onlyLeader } from './coordinator/leader.js';
import { markRoutes } from './coordinator/marks.js';
import { singleServer } from './coordinator/single-server.js';
import { dataSourceRoutes } from './datasources.js';
import { httpError, isAlarming } from './errors.js';
import { canonicalPathGuard, originGuard } from './guard.js';
import { introspectRoutes } from './lookups.js';
import { type MetricSource, metricsRoutes, nodeMetrics } from './metrics.js';
import { nativeRoutes } from './native.js';
import { nodeRoutes } from './nodes.js';
import { cutSlowClients } from './outgoing.js';
import { overlordCompactionRoutes } from './overlord-compaction.js';
import { pushRoutes } from './push.js';
import { proxyRoutes, routerRoutes } from './router.js';
import { samplerRoutes } from './sampler.js';
import { sqlRoutes } from './sql.js';
import { statusRoutes } from './status.js';
import { supervisorRoutes } from './supervisors.js';
import { tableRoutes } from './tables.js';
import { taskRoutes } from './tasks.js';
import { workerRoutes } from './workers.js';

/**
 * All of the HTTP API of one node: guards first, then a router per part of the API. `view` is the cluster that it is a part of;
 * `more` counts what a single server has not.
 */
export function createApp(
  node: VarveNode,
  view: ClusterView = singleServer(node),
  more: MetricSource = () => [],
): Hono {
  const { config, logger } = node;
  const app = new Hono({ strict: false });
  app.use(canonicalPathGuard, originGuard(config.insecure));
  // Before all else that looks at bodies and answers: what is asked for so comes back here.
  app.route(
    '/proxy',
    proxyRoutes((request, env) => app.fetch(request, env)),
  );
  app.use(
    cutSlowClients(config.http.slowClientTimeoutMs, () => node.queries.metrics.slowClients++),
  );
  // Pushes bound their bodies as they come, rather than gather them whole; their answers are too short to compress.
  app.route('/v1/tables', pushRoutes(node));
  app.use(compressLong());
  app.use(limitBody(config.http.maxBodyBytes, 'http.maxBodyBytes'));
  app.route('/', statusRoutes(node, view));
  app.route('/', metricsRoutes(nodeMetrics(node), more));
  app.route('/v1/tables', tableRoutes(node));
  app.route('/v1', adviceRoutes(node));
  app.route('/v1/nodes', nodeRoutes(view));
  app.route('/druid/v2/sql', sqlRoutes(node));
  app.route('/druid/v2', candidateRoutes(node, view));
  app.route('/druid/v2/datasources', dataSourceRoutes(node));
  app.route('/druid/v2', nativeRoutes(node));
  app.route('/druid/v1/lookups/introspect', introspectRoutes(node));
  app.route('/druid/router/v1', routerRoutes(view));
  app.route('/druid/indexer/v1', leaderRoutes(view));
  app.use('/druid/indexer/v1/*', onlyLeader(view));
  app.route('/druid/indexer/v1', taskRoutes(node));
  app.route('/druid/indexer/v1', workerRoutes(node, view));
  app.route('/druid/indexer/v1/supervisor', supervisorRoutes(node));
  app.route('/druid/indexer/v1/compaction', compactionRoutes(node));
  app.route('/druid/indexer/v1/compaction', overlordCompactionRoutes(node));
  app.route('/druid/indexer/v1', samplerRoutes(node));
  app.route('/druid/indexer/v1/datasources', markRoutes(node));
  app.route('/druid/coordinator/v1', coordinatorRoutes(node, view));
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
