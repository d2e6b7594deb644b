import { Hono } from 'hono';
import type { VarveNode } from '../../node.js';
import { compactionConfigRoutes, compactionRoutes } from './compaction.js';
import { intervalRoutes, servedRoutes } from './datasources.js';
import { leaderRoutes } from './leader.js';
import { lookupRoutes } from './lookups.js';
import { markRoutes } from './marks.js';
import { metadataRoutes } from './metadata.js';
import { ruleRoutes } from './rules.js';
import { serverRoutes } from './servers.js';

/** Segments and their tables: Druid's coordinator API, `/druid/coordinator/v1/…`. */
export function coordinatorRoutes(node: VarveNode): Hono {
  const routes = new Hono();
  routes.route('/', leaderRoutes(node));
  routes.route('/', serverRoutes(node));
  routes.route('/metadata', metadataRoutes(node));
  routes.route('/datasources', markRoutes(node));
  routes.route('/datasources', servedRoutes(node));
  routes.route('/intervals', intervalRoutes(node));
  routes.route('/rules', ruleRoutes(node));
  routes.route('/config/compaction', compactionConfigRoutes(node));
  routes.route('/compaction', compactionRoutes(node));
  routes.route('/lookups', lookupRoutes(node));
  return routes;
}
