import { Hono } from 'hono';
import type { VarveNode } from '../node.js';
import { answerJson } from './answer.js';
import { jsonObjectBody } from './body.js';

/** What would become of the first rows of an ingestion task: `POST /druid/indexer/v1/sampler`. */
export function samplerRoutes({ sampler }: VarveNode): Hono {
  const routes = new Hono();
  routes.post('/sampler', async (context) => {
    return answerJson(context, await sampler.sample(await jsonObjectBody(context)));
  });
  return routes;
}
