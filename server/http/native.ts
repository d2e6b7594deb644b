import { Hono } from 'hono';
import { systemRandom, uuid } from '../../core/index.js';
import { explanationsOf, nativeJson, parseNativeQuery } from '../../query/index.js';
import type { VarveNode } from '../node.js';
import { answerText } from './answer.js';
import { contextText, jsonObjectBody } from './body.js';
import { tellExplanations } from './explained-context.js';

/** Native queries: `POST /druid/v2`, and `DELETE /druid/v2/{queryId}` to cancel. */
export function nativeRoutes(node: VarveNode): Hono {
  const routes = new Hono();
  routes.post('/', async (context) => {
    const body = await jsonObjectBody(context);
    const queryId = contextText(body, 'queryId') ?? uuid(systemRandom);
    context.header('X-Druid-Query-Id', queryId);
    const query = parseNativeQuery(body);
    const result = await node.running.run(queryId, context.req.raw.signal, (signal) =>
      node.engine.run(query, { signal }),
    );
    tellExplanations(context, explanationsOf([result.stats]));
    context.header('Content-Type', 'application/json');
    return answerText(context, nativeJson(query, result));
  });
  routes.delete('/:queryId', (context) => {
    node.running.cancel(context.req.param('queryId'));
    return context.body(null, 202); // as Druid: also for an id that nobody knows
  });
  return routes;
}
