import { Hono } from 'hono';
import { z } from 'zod';
import { UserError } from '../../core/index.js';
import { problemsText } from '../problems.js';
import { LETTER_REASONS, type ReplayOptions } from '../push/dead-letters.js';
import { answerJson } from './answer.js';
import { jsonObjectBody } from './body.js';
import { type PushNode, tableName } from './push.js';

/** The tables that rows are pushed into: declared, looked at, handed off, their dead letters pushed again. */
export function tableRoutes({ pushes }: Pick<PushNode, 'pushes'>): Hono {
  const routes = new Hono();
  routes.get('/', async (context) => answerJson(context, await pushes.tables()));
  routes.get('/:name', async (context) =>
    answerJson(context, await pushes.table(tableName(context))),
  );
  routes.put('/:name', async (context) => {
    const table = tableName(context);
    const version = await pushes.declare(table, await jsonObjectBody(context));
    return context.json({ table, version });
  });
  routes.post('/:name/handoff', async (context) => {
    const table = tableName(context);
    const publishedPosition = await pushes.handOff(table);
    return context.json({ table, publishedPosition });
  });
  routes.post('/:name/dead-letters/replay', async (context) => {
    const table = tableName(context);
    const text = await context.req.text();
    const options = replayOptions(text === '' ? {} : await jsonObjectBody(context));
    return context.json(await pushes.replay(table, options));
  });
  return routes;
}

const ReplayBody = z.strictObject({
  reasons: z.array(z.enum(LETTER_REASONS)).min(1).optional(),
  acceptLate: z.boolean().default(false),
  limit: z.int().min(1).optional(),
});

/** Which dead letters to push again. Throws one UserError that names every bad member. */
function replayOptions(body: unknown): ReplayOptions {
  const parsed = ReplayBody.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new UserError(`replay: ${problemsText(parsed.error)}`);
}
