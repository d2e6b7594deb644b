import { type Context, Hono } from 'hono';
import { systemRandom, uuid } from '../../core/index.js';
import {
  contentTag,
  explanationsOf,
  innerTableNames,
  type NativeQuery,
  nativeArrow,
  nativeJson,
  nativeMessagePack,
  parseNativeQuery,
  type QueryResult,
} from '../../query/index.js';
import type { VarveNode } from '../node.js';
import { answerBytes, answerText } from './answer.js';
import { contextText, jsonObjectBody } from './body.js';
import { entityTag, isKnown } from './etag.js';
import { tellExplanations } from './explained-context.js';
import { CONTENT_TYPES, chosenFormat, type Format } from './formats.js';

/** Native queries: `POST /druid/v2`, and `DELETE /druid/v2/{queryId}` to cancel. */
export function nativeRoutes(node: VarveNode): Hono {
  const routes = new Hono();
  routes.post('/', async (context) => {
    const body = await jsonObjectBody(context);
    const queryId = contextText(body, 'queryId') ?? uuid(systemRandom);
    context.header('X-Druid-Query-Id', queryId);
    const query = parseNativeQuery(body, node.lookups.names());
    const format = chosenFormat(context.req.header('Accept'));
    const isOld = (etag: string | null) => isKnown(context.req.header('If-None-Match'), etag);
    const { etag, result } = await node.running.run(queryId, context.req.raw.signal, (signal) =>
      answer(node, query, { format, isOld, signal }),
    );
    if (etag !== null) context.header('ETag', etag);
    if (result === null) return context.body(null, 304);
    tellExplanations(context, explanationsOf([result.stats]));
    context.header('Content-Type', CONTENT_TYPES[format]);
    return written(context, format, query, result);
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

interface AnswerOptions {
  readonly format: Format;
  /** Whether the client has the answer of this ETag. */
  readonly isOld: (etag: string | null) => boolean;
  readonly signal: AbortSignal;
}

/** Runs the query unless its answer is an old one; both are told from one snapshot. */
async function answer(
  { engine }: VarveNode,
  query: NativeQuery,
  { format, isOld, signal }: AnswerOptions,
): Promise<Answer> {
  await engine.awaitToken(query.context.all, signal);
  const snapshot = engine.snapshot(innerTableNames(query));
  try {
    const tag = contentTag(query, snapshot);
    const etag = entityTag(tag, format);
    if (isOld(etag)) return { etag, result: null };
    return { etag, result: await engine.run(query, { signal, snapshot, contentTag: tag }) };
  } finally {
    snapshot.release();
  }
}

async function written(
  context: Context,
  format: Format,
  query: NativeQuery,
  result: QueryResult,
): Promise<Response> {
  switch (format) {
    case 'json':
      return answerText(context, nativeJson(query, result));
    case 'msgpack':
      return answerBytes(context, await nativeMessagePack(query, result));
    case 'arrow':
      return answerBytes(context, await nativeArrow(query, result));
  }
}
