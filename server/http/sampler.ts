import { Hono } from 'hono';
import { stringifyJson } from '../../core/index.js';
import type { VarveNode } from '../node.js';
import { jsonObjectBody } from './body.js';

/** What would become of the first rows of an ingestion task: `POST /druid/indexer/v1/sampler`. */
export function samplerRoutes({ sampler }: VarveNode): Hono {
  const routes = new Hono();
  routes.post('/sampler', async (context) => {
    const answer = await sampler.sample(await jsonObjectBody(context));
    context.header('content-type', 'application/json');
    return context.body(stringifyJson(answer));
  });
  return routes;
}
