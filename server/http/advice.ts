import { type Context, Hono } from 'hono';
import { systemRandom, uuid } from '../../core/index.js';
import type { Advice } from '../../query/index.js';
import type { VarveNode } from '../node.js';
import { answerJson } from './answer.js';
import { queryCount } from './parameters.js';
import { tableName } from './push.js';

/** What the counting for a table may take where the request does not say. */
const DEFAULT_TIMEOUT_MS = 60_000;

/** Which star-trees tables should have: `GET /v1/advice`, `GET /v1/tables/{name}/advice`, both with `?timeout=` in milliseconds for each table. */
export function adviceRoutes({ advisor, queries }: VarveNode): Hono {
  const routes = new Hono();
  const answer = async (context: Context, tables: readonly string[]): Promise<Advice[]> => {
    const timeoutMs = queryCount(context, 'timeout') ?? DEFAULT_TIMEOUT_MS;
    const advices: Advice[] = [];
    const asked = { id: uuid(systemRandom), type: 'advice', tables, priority: 0, askedLane: null };
    await queries.run(asked, context.req.raw.signal, async (signal) => {
      for (const table of tables) advices.push(await advisor.advise(table, { timeoutMs, signal }));
    });
    return advices;
  };
  routes.get('/advice', async (context) =>
    answerJson(context, await answer(context, advisor.tables())),
  );
  routes.get('/tables/:name/advice', async (context) => {
    const [advice] = await answer(context, [tableName(context)]);
    return answerJson(context, advice);
  });
  return routes;
}
