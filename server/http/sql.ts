import { type Context, Hono } from 'hono';
import { isJsonObject, type JsonObject, systemRandom, UserError, uuid } from '../../core/index.js';
import {
  type FormatOptions,
  formatRows,
  parseResultFormat,
  parseUrgency,
  rowsBytes,
  type SqlParameter,
  type SqlRequest,
  type SqlResult,
  sqlArrow,
  sqlMessagePack,
} from '../../query/index.js';
import type { VarveNode } from '../node.js';
import { type AskedQuery, SQL_TYPE } from '../queries/asked-query.js';
import { answerBytes, answerText } from './answer.js';
import { answerQuery } from './answer-query.js';
import { contextOf, contextText, jsonObject } from './body.js';
import { CONTENT_TYPES, chosenFormat } from './formats.js';
import { responseOf, tellResponse } from './response-context.js';

/** SQL: `POST /druid/v2/sql`, and `DELETE /druid/v2/sql/{sqlQueryId}` to cancel. */
export function sqlRoutes(node: VarveNode): Hono {
  const routes = new Hono();
  routes.post('/', async (context) => {
    let statement: Statement;
    return answerQuery(context, node, {
      question(text) {
        const body = statementBody(context, text);
        const id = contextText(body, 'sqlQueryId') ?? uuid(systemRandom);
        context.header('X-Druid-SQL-Query-Id', id);
        statement = statementOf(body);
        const { priority, lane } = parseUrgency(contextOf(body));
        return { id, type: SQL_TYPE, priority, askedLane: lane };
      },
      respond: (asked) => respond(context, node, statement, asked),
    });
  });
  routes.delete('/:sqlQueryId', (context) => {
    const cancelled = node.queries.cancel(context.req.param('sqlQueryId'));
    return context.body(null, cancelled ? 202 : 404);
  });
  return routes;
}

interface Statement {
  readonly request: SqlRequest;
  readonly format: FormatOptions;
}

const statementOf = (body: JsonObject): Statement => ({
  request: {
    query: statementText(body),
    parameters: parametersOf(body),
    context: body.context,
  },
  format: {
    resultFormat: parseResultFormat(body.resultFormat),
    header: isTrue(body.header),
    typesHeader: isTrue(body.typesHeader),
    sqlTypesHeader: isTrue(body.sqlTypesHeader),
  },
});

async function respond(
  context: Context,
  node: VarveNode,
  { request, format }: Statement,
  asked: AskedQuery,
): Promise<Response> {
  const { onStart } = asked;
  const result = await asked.run((signal) => node.sql.run(request, { signal, onStart }));
  asked.hold(rowsBytes(result.rows));
  const stats = asked.natives.map((each) => each.stats);
  tellResponse(context, responseOf(stats, asked.metricsJson()));
  return written(context, result, format);
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
function statementBody(context: Context, text: string): JsonObject {
  const type = context.req.header('content-type') ?? '';
  return type.startsWith('text/plain') ? { query: text } : jsonObject(text);
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
