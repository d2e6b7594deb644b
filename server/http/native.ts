import { Hono } from 'hono';
import { systemRandom, uuid } from '../../core/index.js';
import {
  contentTag,
  explanationsOf,
  innerTableNames,
  type NativeQuery,
  nativeJson,
  parseNativeQuery,
  type QueryResult,
} from '../../query/index.js';
import type { VarveNode } from '../node.js';
import { answerText } from './answer.js';
import { contextText, jsonObjectBody } from './body.js';
import { entityTag, isKnown } from './etag.js';
import { tellExplanations } from './explained-context.js';

/** Native queries: `POST /druid/v2`, and `DELETE /druid/v2/{queryId}` to cancel. */
export function nativeRoutes(node: VarveNode): Hono {
  const routes = new Hono();
  routes.post('/', async (context) => {
    const body = await jsonObjectBody(context);
    const queryId = contextText(body, 'queryId') ?? uuid(systemRandom);
    context.header('X-Druid-Query-Id', queryId);
    const query = parseNativeQuery(body);
    const known = context.req.header('If-None-Match');
    const { etag, result } = await node.running.run(queryId, context.req.raw.signal, (signal) =>
      answer(node, query, known, signal),
    );
    if (etag !== null) context.header('ETag', etag);
    if (result === null) return context.body(null, 304);
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

interface Answer {
  readonly etag: string | null;
  /** Null where the client has it. */
  readonly result: QueryResult | null;
}

/** Runs the query unless its answer is `known`; both are told from one snapshot. */
async function answer(
  { engine }: VarveNode,
  query: NativeQuery,
  known: string | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  await engine.awaitToken(query.context.all, signal);
  const snapshot = engine.snapshot(innerTableNames(query));
  try {
    const etag = entityTag(contentTag(query, snapshot), 'json');
    if (isKnown(known, etag)) return { etag, result: null };
    return { etag, result: await engine.run(query, { signal, snapshot }) };
  } finally {
    snapshot.release();
  }
}
