import { Hono } from 'hono';
import type { VarveNode } from '../../node.js';
import type { ClusterView } from './cluster-view.js';
import { compactionConfigRoutes, compactionRoutes } from './compaction.js';
import { configRoutes } from './config.js';
import { intervalRoutes, servedRoutes } from './datasources.js';
import { leaderRoutes, onlyLeader } from './leader.js';
import { loadStatusRoutes } from './load-status.js';
import { lookupRoutes } from './lookups.js';
import { markRoutes } from './marks.js';
import { metadataRoutes } from './metadata.js';
import { ruleRoutes } from './rules.js';
import { serverRoutes } from './servers.js';

/** Segments and their tables: Druid's coordinator API, `/druid/coordinator/v1/…`. */
export function coordinatorRoutes(node: VarveNode, view: ClusterView): Hono {
  const routes = new Hono();
  routes.route('/', leaderRoutes(view));
  routes.use(onlyLeader(view));
  routes.route('/', loadStatusRoutes(node, view));
  routes.route('/', serverRoutes(view));
  routes.route('/metadata', metadataRoutes(node));
  routes.route('/datasources', markRoutes(node));
  routes.route('/datasources', servedRoutes(node, view));
  routes.route('/intervals', intervalRoutes(view));
  routes.route('/rules', ruleRoutes(node));
  routes.route('/config/compaction', compactionConfigRoutes(node));
  routes.route('/config', configRoutes(node));
  routes.route('/compaction', compactionRoutes(node));
  routes.route('/lookups', lookupRoutes(node, view));
  return routes;
}
