import { type Context, Hono } from 'hono';
import { stringifyJson, UserError } from '../../core/index.js';
import { jsonObjectBody } from './body.js';
import { pathText } from './parameters.js';

/** What may be asked of one supervisor. */
const READS = ['', '/status', '/health', '/stats', '/parseErrors'];
const CHANGES = [
  '/suspend',
  '/resume',
  '/reset',
  '/resetOffsets',
  '/terminate',
  '/shutdown',
  '/taskGroups/handoff',
];

/** Druid's supervisors, `/druid/indexer/v1/supervisor…`: there are none, for rows come by push; tools that look for them find an empty list. */
export function supervisorRoutes(): Hono {
  const routes = new Hono();
  const unknown = (context: Context): Response =>
    context.json({ error: `[${pathText(context, 'id')}] does not exist` }, 404);

  routes.get('/', (context) => context.json([]));
  routes.post('/', async (context) => {
    const { type } = await jsonObjectBody(context);
    throw new UserError(
      `type: supervisors are not built; push rows to /v1/tables/{table}/push instead; got ${stringifyJson(type ?? null)}`,
      'spec',
      'type',
    );
  });
  routes.get('/history', (context) => context.json({}));
  for (const order of ['suspendAll', 'resumeAll', 'terminateAll']) {
    routes.post(`/${order}`, (context) => context.json({ status: 'success' }));
  }
  routes.get('/:id/history', (context) =>
    context.json({ error: `No history for [${pathText(context, 'id')}].` }, 404),
  );
  for (const path of READS) routes.get(`/:id${path}`, unknown);
  for (const path of CHANGES) routes.post(`/:id${path}`, unknown);
  return routes;
}
