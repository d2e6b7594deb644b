import { Hono } from 'hono';
import type { JsonObject } from '../../core/index.js';
import type { VarveNode } from '../node.js';
import { jsonObjectBody } from './body.js';

/** Ingestion tasks: Druid's overlord API, `/druid/indexer/v1/…`. */
export function taskRoutes({ tasks }: VarveNode): Hono {
  const routes = new Hono();
  routes.post('/task', async (context) =>
    context.json({ task: await tasks.submit(await jsonObjectBody(context)) }),
  );
  routes.get('/tasks', async (context) => {
    const { state, datasource, type } = context.req.query();
    const list = (await tasks.list()).filter(
      (task) =>
        (state === undefined || stateOf(task) === state) &&
        (datasource === undefined || task.dataSource === datasource) &&
        (type === undefined || task.type === type),
    );
    return context.json(list);
  });
  for (const state of ['complete', 'running', 'waiting', 'pending'] as const) {
    routes.get(`/${state}Tasks`, async (context) =>
      context.json((await tasks.list()).filter((task) => stateOf(task) === state)),
    );
  }
  routes.get('/task/:id', async (context) => {
    const id = context.req.param('id');
    const payload = await tasks.payload(id);
    return context.json({ task: id, payload }, payload === null ? 404 : 200);
  });
  routes.get('/task/:id/status', async (context) => {
    const id = context.req.param('id');
    const status = await tasks.status(id);
    return context.json({ task: id, status }, status === null ? 404 : 200);
  });
  routes.get('/task/:id/reports', async (context) => {
    const report = await tasks.report(context.req.param('id'));
    return report === null
      ? context.text(
          'No task reports were found for this task. The task may not exist, or it may not have completed yet.',
          404,
        )
      : context.json(report);
  });
  routes.get('/task/:id/log', async (context) => {
    const lines = await tasks.log(context.req.param('id'));
    return lines === null
      ? context.text('No log was found for this task.', 404)
      : context.text(lines.map((line) => `${line}\n`).join(''));
  });
  routes.post('/task/:id/shutdown', (context) => {
    const id = context.req.param('id');
    tasks.shutdown(id);
    return context.json({ task: id });
  });
  routes.get('/leader', (context) => context.json(new URL(context.req.url).origin));
  routes.get('/isLeader', (context) => context.json({ leader: true }));
  return routes;
}

/** Where Druid's task lists put a task. */
function stateOf(task: JsonObject): string {
  return task.statusCode === 'RUNNING' ? String(task.runnerStatusCode).toLowerCase() : 'complete';
}
