import { type Context, Hono } from 'hono';
import { NotFoundError, stringifyJson } from '../../core/index.js';
import type { LookupTable } from '../../model/index.js';
import type { RegisteredLookup } from '../lookups/registered-lookup.js';
import type { VarveNode } from '../node.js';
import { answerText } from './answer.js';
import { pathText } from './parameters.js';

/** What lookups hold: `/druid/v1/lookups/introspect…`. */
export function introspectRoutes({ lookups }: Pick<VarveNode, 'lookups'>): Hono {
  const routes = new Hono();
  const named = (context: Context): RegisteredLookup => lookups.active(pathText(context, 'name'));
  const answer = (context: Context, parts: (table: LookupTable) => Iterable<string>): Response => {
    const { table, name, problem } = named(context);
    if (table === null) throw new NotFoundError(`lookup "${name}" is not loaded: ${problem}`);
    context.header('Content-Type', 'application/json');
    return answerText(context, parts(table));
  };
  routes.get('/', (context) => context.json([...lookups.names().keys()]));
  routes.get('/:name', (context) => answer(context, objectOf));
  routes.get('/:name/keys', (context) => answer(context, (table) => listOf(table, 0)));
  routes.get('/:name/values', (context) => answer(context, (table) => listOf(table, 1)));
  routes.get('/:name/version', (context) => {
    const { loaded, definition } = named(context);
    return context.json({ version: (loaded ?? definition).version });
  });
  return routes;
}

function* objectOf(table: LookupTable): Generator<string> {
  let before = '{';
  for (const [key, value] of table.entries()) {
    yield `${before}${stringifyJson(key)}:${stringifyJson(value)}`;
    before = ',';
  }
  yield before === '{' ? '{}' : '}';
}

function* listOf(table: LookupTable, place: 0 | 1): Generator<string> {
  let before = '[';
  for (const pair of table.entries()) {
    yield `${before}${stringifyJson(pair[place])}`;
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}
