import { type Context, Hono } from 'hono';
import { isJsonObject, type JsonObject, systemRandom, UserError, uuid } from '../../core/index.js';
import {
  explanationsOf,
  type FormatOptions,
  formatRows,
  parseResultFormat,
  type QueryStats,
  type SqlParameter,
  type SqlResult,
  sqlArrow,
  sqlMessagePack,
} from '../../query/index.js';
import type { VarveNode } from '../node.js';
import { answerBytes, answerText } from './answer.js';
import { contextText, jsonObjectBody } from './body.js';
import { tellExplanations } from './explained-context.js';
import { CONTENT_TYPES, chosenFormat } from './formats.js';

/** SQL: `POST /druid/v2/sql`, and `DELETE /druid/v2/sql/{sqlQueryId}` to cancel. */
export function sqlRoutes(node: VarveNode): Hono {
  const routes = new Hono();
  routes.post('/', async (context) => {
    const body = await statementBody(context);
    const sqlQueryId = contextText(body, 'sqlQueryId') ?? uuid(systemRandom);
    context.header('X-Druid-SQL-Query-Id', sqlQueryId);
    const format = {
      resultFormat: parseResultFormat(body.resultFormat),
      header: isTrue(body.header),
      typesHeader: isTrue(body.typesHeader),
      sqlTypesHeader: isTrue(body.sqlTypesHeader),
    };
    const request = {
      query: statementText(body),
      parameters: parametersOf(body),
      context: body.context,
    };
    const stats: QueryStats[] = [];
    const onStats = (each: QueryStats) => void stats.push(each);
    const result = await node.running.run(sqlQueryId, context.req.raw.signal, (signal) =>
      node.sql.run(request, { signal, onStats }),
    );
    tellExplanations(context, explanationsOf(stats));
    return written(context, result, format);
  });
  routes.delete('/:sqlQueryId', (context) => {
    const cancelled = node.running.cancel(context.req.param('sqlQueryId'));
    return context.body(null, cancelled ? 202 : 404);
  });
  return routes;
}

async function written(
  context: Context,
  result: SqlResult,
  options: FormatOptions,
): Promise<Response> {
  const format = chosenFormat(context.req.header('Accept'));
  if (options.header && format !== 'arrow') context.header('X-Druid-SQL-Header-Included', 'yes');
  if (format !== 'json') context.header('Content-Type', CONTENT_TYPES[format]);
  switch (format) {
    case 'json': {
      const { contentType, chunks } = formatRows(result, options);
      context.header('Content-Type', contentType);
      return answerText(context, chunks);
    }
    case 'msgpack':
      return answerBytes(context, await sqlMessagePack(result, options));
    case 'arrow':
      return answerBytes(context, await sqlArrow(result));
  }
}

/** A JSON body, or the bare statement as text/plain. */
async function statementBody(context: Context): Promise<JsonObject> {
  const type = context.req.header('content-type') ?? '';
  return type.startsWith('text/plain')
    ? { query: await context.req.text() }
    : jsonObjectBody(context);
}

function statementText(body: JsonObject): string {
  if (typeof body.query === 'string') return body.query;
  throw new UserError('query: want the SQL statement as a string', 'request', 'query');
}

function parametersOf(body: JsonObject): SqlParameter[] {
  const { parameters = [] } = body;
  if (!Array.isArray(parameters)) throw badParameters();
  return parameters.map((parameter) => {
    if (!isJsonObject(parameter) || typeof parameter.type !== 'string') throw badParameters();
    return { type: parameter.type, value: parameter.value };
  });
}

const badParameters = (): UserError =>
  new UserError(
    'parameters: want a list such as [{"type":"VARCHAR","value":"x"}]',
    'request',
    'parameters',
  );

const isTrue = (value: unknown): boolean => value === true || value === 'true';
