import { type Context, Hono } from 'hono';
import { systemRandom, uuid } from '../../core/index.js';
import {
  contentTag,
  innerTableNames,
  type NativeQuery,
  nativeArrow,
  nativeJson,
  nativeMessagePack,
  type OnStart,
  parseNativeQuery,
  type QueryResult,
  rowsBytes,
} from '../../query/index.js';
import type { VarveNode } from '../node.js';
import type { Asked } from '../queries/asked-queries.js';
import type { AskedQuery } from '../queries/asked-query.js';
import { answerBytes, answerText } from './answer.js';
import { answerQuery } from './answer-query.js';
import { contextText, jsonObject } from './body.js';
import { entityTag, isKnown } from './etag.js';
import { CONTENT_TYPES, chosenFormat, type Format } from './formats.js';
import { prettyJson } from './pretty.js';
import { responseOf, tellResponse } from './response-context.js';

/** Native queries: `POST /druid/v2`, and `DELETE /druid/v2/{queryId}` to cancel. */
export function nativeRoutes(node: VarveNode): Hono {
  const routes = new Hono();
  routes.post('/', async (context) => {
    let query: NativeQuery;
    return answerQuery(context, node, {
      question(text) {
        const body = jsonObject(text);
        const id = contextText(body, 'queryId') ?? uuid(systemRandom);
        context.header('X-Druid-Query-Id', id);
        query = parseNativeQuery(body, node.lookups.names());
        return questionOf(id, query);
      },
      respond: (asked) => respond(context, node, query, asked),
    });
  });
  routes.delete('/:queryId', (context) => {
    node.queries.cancel(context.req.param('queryId'));
    return context.body(null, 202); // as Druid: also for an id that nobody knows
  });
  return routes;
}

const questionOf = (id: string, query: NativeQuery): Omit<Asked, 'share'> => ({
  id,
  type: query.queryType,
  tables: innerTableNames(query),
  priority: query.context.priority,
  askedLane: query.context.lane,
});

async function respond(
  context: Context,
  node: VarveNode,
  query: NativeQuery,
  asked: AskedQuery,
): Promise<Response> {
  const format = chosenFormat(context.req.header('Accept'));
  const isOld = (etag: string | null) => isKnown(context.req.header('If-None-Match'), etag);
  const { onStart } = asked;
  const tagged = isPretty(context) ? `${format}-pretty` : format;
  const { etag, result } = await asked.run((signal) =>
    answer(node, query, { tagged, isOld, signal, onStart }),
  );
  if (etag !== null) context.header('ETag', etag);
  if (result === null) return context.body(null, 304);
  asked.hold(rowsBytes(result.rows));
  tellResponse(context, responseOf([result.stats], asked.metricsJson()));
  context.header('Content-Type', CONTENT_TYPES[format]);
  return written(context, format, query, result);
}

interface Answer {
  readonly etag: string | null;
  /** Null where the client has it. */
  readonly result: QueryResult | null;
}

interface AnswerOptions {
  /** The format as ETags tell it from others. */
  readonly tagged: string;
  /** Whether the client has the answer of this ETag. */
  readonly isOld: (etag: string | null) => boolean;
  readonly signal: AbortSignal;
  readonly onStart: OnStart;
}

/** Runs the query unless its answer is an old one; both are told from one snapshot. */
async function answer(
  { engine }: VarveNode,
  query: NativeQuery,
  { tagged, isOld, signal, onStart }: AnswerOptions,
): Promise<Answer> {
  await engine.awaitToken(query.context.all, signal);
  const snapshot = engine.snapshot(innerTableNames(query));
  try {
    const tag = contentTag(query, snapshot);
    const etag = entityTag(tag, tagged);
    if (isOld(etag)) return { etag, result: null };
    const run = { signal, snapshot, onStart, contentTag: tag };
    const result = await engine.run(query, run);
    return { etag: result.stats.missing.length === 0 ? etag : null, result };
  } finally {
    snapshot.release();
  }
}

const isPretty = (context: Context): boolean => context.req.query('pretty') !== undefined;

async function written(
  context: Context,
  format: Format,
  query: NativeQuery,
  result: QueryResult,
): Promise<Response> {
  switch (format) {
    case 'json': {
      const parts = nativeJson(query, result);
      return answerText(context, isPretty(context) ? prettyJson(parts) : parts);
    }
    case 'msgpack':
      return answerBytes(context, await nativeMessagePack(query, result));
    case 'arrow':
      return answerBytes(context, await nativeArrow(query, result));
  }
}
